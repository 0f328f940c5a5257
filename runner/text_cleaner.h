// Makes what a process wrote fit to be stored and shown: valid UTF-8 without control bytes. Works on a
// stream: a character may be split between two pieces.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::runner {

class TextCleaner {
 public:
  // The clean text of `raw` and of what was left over before. NUL is dropped; other control bytes than tab,
  // line feed, carriage return and escape become U+FFFD, as does everything that is not UTF-8.
  std::string clean(std::string_view raw);

  // What a character begun but never ended becomes. Call once, at the end of the stream.
  std::string finish();

 private:
  void take(unsigned char byte, std::string& to);

  std::string pending_;  // the first bytes of a character
  int missing_ = 0;      // how many bytes it still needs
};

// A NUL is told as U+FFFD: what shows and stores texts may end at one.
std::string withVisibleNul(std::string_view text);

}  // namespace taskqueue::runner
