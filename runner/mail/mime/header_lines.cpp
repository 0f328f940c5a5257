#include "runner/mail/mime/header_lines.h"

#include "module/queue/utf8_text.h"
#include "runner/mail/mime/gmime_pointers.h"
#include "runner/mail/mime/text.h"

namespace taskqueue::mail {
namespace {

constexpr std::size_t kFoldAt = 76;

// GMime would choose a different character set for each word, and passes text that looks like an encoded
// word.
std::string encodedWords(std::string_view text) {
  constexpr std::size_t kBytesInAWord = 42;
  std::string words;
  while (!text.empty()) {
    const auto part = cutAtCharacter(text, kBytesInAWord);
    words += words.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?";
    words += takeText(::g_base64_encode(reinterpret_cast<const guchar*>(part.data()), part.size()));
    words += "?=";
    text.remove_prefix(part.size());
  }
  return words;
}

}  // namespace

// GMime would fold inside identifiers and URLs, which breaks them.
std::string foldedHeader(std::string_view name, std::string_view value) {
  std::string out(name);
  out += ":";
  std::size_t line = out.size();
  for (std::size_t first = 0; first < value.size();) {
    const auto begin = value.find_first_not_of(' ', first);
    if (begin == std::string_view::npos) break;
    const auto end = std::min(value.find(' ', begin), value.size());
    const auto word = value.substr(begin, end - begin);
    const bool isFirst = first == 0;
    const auto blanks = isFirst ? 1 : begin - first;
    if (!isFirst && line + blanks + word.size() > kFoldAt) {
      out += "\r\n";
      line = 0;
    }
    out.append(blanks, ' ').append(word);
    line += blanks + word.size();
    first = end;
  }
  return out + "\r\n";
}

std::string textHeader(std::string_view name, std::string_view text) {
  // Longest plain word: keeps lines below 78 bytes (RFC 5322 2.1.1).
  constexpr std::size_t kUnencodedBytes = 60;
  const bool isPlain =
      isPrintableAscii(text) && text.find("=?") == std::string::npos && longestWord(text) <= kUnencodedBytes;
  if (isPlain) return foldedHeader(name, text);
  return std::string(name) + ": " + encodedWords(text) + "\r\n";
}

}  // namespace taskqueue::mail
