// One line of a log as it is shown: what a terminal would have made of it, as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "module/web/log/style.h"

namespace taskqueue::web::log {

constexpr std::size_t kMaxLineBytes = 16 << 10;  // shown of one line

// A piece of a line that looks the same. The text is valid UTF-8 without control bytes but the tab.
struct Span {
  std::string text;
  Style style;
  bool found = false;  // by a search

  bool operator==(const Span&) const = default;
};

struct Line {
  std::int64_t number = 0;         // 1 is the first line that is kept
  std::int64_t droppedBefore = 0;  // bytes that were not kept, between the line before and this one
  std::int64_t hiddenBytes = 0;    // of the line's end, beyond kMaxLineBytes
  std::vector<Span> spans;
};

// Reads a line, without its line feed. `style` is carried from line to line, as a terminal does. Colours and
// looks become styles; every other escape sequence is left out. Of what carriage returns have overwritten,
// the last state with any text is shown.
Line readLine(std::string_view raw, Style& style);

// What the escape sequences of `raw` leave as the style, without its text.
void carryStyle(std::string_view raw, Style& style);

std::string plainText(const Line& line);

}  // namespace taskqueue::web::log
