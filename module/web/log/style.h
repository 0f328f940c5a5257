// Reads the style of log text from SGR escape sequences (ECMA-48 §8.3.117 and the extensions of xterm).
// Colours are the sixteen that the style sheet names. A colour of the 256 or the 16 million becomes the
// nearest of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace taskqueue::web::log {

constexpr int kOwnColour = -1;  // the colour of the page

struct Style {
  int foreground = kOwnColour;  // 0–7: black, red, green, yellow, blue, magenta, cyan, white; 8–15: bright
  int background = kOwnColour;
  bool bold = false;
  bool dim = false;
  bool italic = false;
  bool underline = false;
  bool inverse = false;

  bool operator==(const Style&) const = default;
};

// Applies the parameters between "ESC [" and "m". Unknown or malformed ones change nothing.
void applySgr(std::string_view parameters, Style& style);

// Returns the CSS classes of this style, such as "a-1 a-31". They contain the numbers of SGR.
std::string classesOf(const Style& style);

// These convert a style to a number and back, for log positions that a client returns. styleOf() returns
// nothing for a number that no style has.
int numberOf(const Style& style);
std::optional<Style> styleOf(int number);

}  // namespace taskqueue::web::log
