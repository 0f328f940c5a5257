#include "module/web/log/escape.h"

#include "module/queue/control_characters.h"

namespace taskqueue::web {
namespace {

constexpr std::size_t kMaxBytesOfCharacter = 4;

}  // namespace

void addVisibleControl(std::string& to, std::string_view text) {
  constexpr unsigned char kDelete = 0x7F;
  const auto first = static_cast<unsigned char>(text.front());
  if (first == kDelete) {
    to += "␡";
  } else if (first < 0x20) {
    to += {'\xE2', '\x90', static_cast<char>(0x80 + first)};  // U+2400 …
  } else {
    to += "\xEF\xBF\xBD";
  }
}

void addEscaped(std::string& to, std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    const std::size_t control = lengthOfControl(text.substr(at, kMaxBytesOfCharacter));
    if (control > 0 && std::string_view("\t\r\n").find(c) == std::string_view::npos) {
      addVisibleControl(to, text.substr(at));
      at += control - 1;
      continue;
    }
    switch (c) {
      case '&':
        to += "&amp;";
        break;
      case '<':
        to += "&lt;";
        break;
      case '>':
        to += "&gt;";
        break;
      case '"':
        to += "&quot;";
        break;
      case '\'':
        to += "&#39;";
        break;
      default:
        to += c;
    }
  }
}

}  // namespace taskqueue::web
