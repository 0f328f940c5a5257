// Makes the output of a process fit to be stored and shown: valid UTF-8 without control bytes. It works on a
// stream, so a character may be split between two pieces.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::runner {

class TextCleaner {
 public:
  // Returns the clean text of `raw` and of the bytes left over from the last call. NUL is dropped. Control
  // bytes other than tab, line feed, carriage return and escape become U+FFFD, and so does invalid UTF-8.
  std::string clean(std::string_view raw);

  // Returns U+FFFD if the stream ended inside a character. Call it once, at the end of the stream.
  std::string finish();

 private:
  void take(unsigned char byte, std::string& to);

  std::string pending_;  // the first bytes of a character
  int missing_ = 0;      // how many bytes that character still needs
};

// Replaces each NUL by U+FFFD, because programs that store or show texts may stop at a NUL.
std::string withVisibleNul(std::string_view text);

}  // namespace taskqueue::runner
