#include "module/platform/terminal_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "module/queue/utf8_text.h"

namespace taskqueue::platform {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};
// The C1 control characters, and characters that change the text direction or begin a line.
constexpr std::array kDriving{Range{0x80, 0x9F},     Range{0x61C, 0x61C},   Range{0x200E, 0x200F},
                              Range{0x2028, 0x202E}, Range{0x2066, 0x2069}, Range{0xFEFF, 0xFEFF}};

std::string formatted(const char* format, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string escapeOfByte(unsigned char byte) {
  switch (byte) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      return formatted("\\x%02X", byte);
  }
}

// Returns the size of the first character in bytes; 0: no valid one.
std::size_t lengthOfFirst(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  return length > text.size() || firstInvalidUtf8(text.substr(0, length)) ? 0 : length;
}

char32_t codePointOf(std::string_view character) {
  constexpr unsigned kBitsOfOthers = 6;
  const auto first = static_cast<unsigned char>(character.front());
  char32_t value = character.size() == 1 ? first : first & (0xFFU >> (character.size() + 1));
  for (const char c : character.substr(1))
    value = value << kBitsOfOthers | (static_cast<unsigned>(c) & 0x3FU);
  return value;
}

bool drives(char32_t point) {
  return std::any_of(kDriving.begin(), kDriving.end(),
                     [&](const Range& range) { return point >= range.first && point <= range.last; });
}

std::string shown(std::string_view text, std::string_view kept) {
  std::string to;
  while (!text.empty()) {
    const std::size_t length = lengthOfFirst(text);
    const char first = text.front();
    const bool isControl = static_cast<unsigned char>(first) < 0x20 || first == 0x7F;
    if (length == 0 || (isControl && kept.find(first) == std::string_view::npos)) {
      to += escapeOfByte(static_cast<unsigned char>(first));
    } else if (const char32_t point = codePointOf(text.substr(0, length)); drives(point)) {
      to += formatted("\\u{%04X}", point);
    } else {
      to += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return to;
}

}  // namespace

std::string terminalText(std::string_view text) {
  return shown(text, "");
}

std::string terminalLines(std::string_view text) {
  return shown(text, "\n\t");
}

}  // namespace taskqueue::platform
