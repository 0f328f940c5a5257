#include "runner/mail/mime/text.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue::mail {

bool isControl(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

bool isPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

bool hasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), isControl);
}

std::string_view trimmed(std::string_view text) {
  constexpr const char* kBlanks = " \t\r\n";
  const auto first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

std::string oneLine(std::string text) {
  std::replace_if(text.begin(), text.end(), isControl, ' ');
  return text;
}

std::size_t longestWord(std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t first = 0; first <= text.size();) {
    const auto blank = std::min(text.find(' ', first), text.size());
    longest = std::max(longest, blank - first);
    first = blank + 1;
  }
  return longest;
}

std::string withCrlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      out += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    out += "\r\n";
  }
  return out;
}

bool isPlainLines(std::string_view text) {
  std::size_t line = 0;
  for (const char c : text) {
    line = c == '\n' || c == '\r' ? 0 : line + 1;
    if (c <= 0 || line > kLineBytes) return false;
  }
  return true;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kShownBytes = 200;
  const auto shown = cutAtCharacter(text, kShownBytes);
  return "\"" + oneLine(std::string(shown)) + (shown.size() < text.size() ? "…\"" : "\"");
}

}  // namespace taskqueue::mail
