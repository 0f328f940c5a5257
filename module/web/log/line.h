// Reads one line of a log as text, after the effect of its control sequences on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "module/web/log/style.h"

namespace taskqueue::web::log {

constexpr std::size_t kMaxLineBytes = 16 << 10;  // most bytes of one line that are shown

// A span is a part of a line with one style. Its text is valid UTF-8 without control characters except tabs.
struct Span {
  std::string text;
  Style style;
  bool found = false;  // the search found this text

  bool operator==(const Span&) const = default;
};

struct Line {
  std::int64_t number = 0;         // 1 for the first kept line
  std::int64_t droppedBefore = 0;  // bytes that were dropped between the previous line and this one
  std::int64_t hiddenBytes = 0;    // bytes at the line's end, beyond kMaxLineBytes
  std::vector<Span> spans;
};

// Reads a line without its line feed. As in a terminal, `style` continues from line to line. SGR sequences
// change the style; all other escape sequences are left out. If carriage returns overwrite the line, its last
// state with text is shown. A level of PSR-3 in brackets at the start of the line gets its colour.
Line readLine(std::string_view raw, Style& style);

// Applies the escape sequences of `raw` to the style and ignores its text.
void carryStyle(std::string_view raw, Style& style);

std::string plainText(const Line& line);

}  // namespace taskqueue::web::log
