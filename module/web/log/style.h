// How text of a log looks: what SGR escape sequences (ECMA-48 §8.3.117 and the extensions of xterm) leave of
// it. Colours are the sixteen that a style sheet names; those of 256 and of 16 million become the nearest of
// them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace taskqueue::web::log {

constexpr int kOwnColour = -1;  // the page's

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

// Applies what stands between "ESC [" and "m". What is not known, or malformed, changes nothing.
void applySgr(std::string_view parameters, Style& style);

// The classes of an element with this style, such as "a-1 a-31": SGR's own numbers. Empty: none.
std::string classesOf(const Style& style);

// A style as a number, for a place in a log that a client hands back; numbers that no style has are refused.
int numberOf(const Style& style);
std::optional<Style> styleOf(int number);

}  // namespace taskqueue::web::log
