#include "module/web/log/style.h"

#include <array>
#include <charconv>
#include <limits>
#include <vector>

namespace taskqueue::web::log {
namespace {

constexpr std::size_t kMaxParameters = 32;  // most parameters of one sequence
constexpr int kColours = 16;

struct Rgb {
  int red = 0;
  int green = 0;
  int blue = 0;
};

// These are xterm's values of the sixteen colours.
constexpr std::array<Rgb, kColours> kPalette{{{0, 0, 0},
                                              {205, 0, 0},
                                              {0, 205, 0},
                                              {205, 205, 0},
                                              {0, 0, 238},
                                              {205, 0, 205},
                                              {0, 205, 205},
                                              {229, 229, 229},
                                              {127, 127, 127},
                                              {255, 0, 0},
                                              {0, 255, 0},
                                              {255, 255, 0},
                                              {92, 92, 255},
                                              {255, 0, 255},
                                              {0, 255, 255},
                                              {255, 255, 255}}};

int nearestColour(const Rgb& to) {
  int nearest = 0;
  int min = std::numeric_limits<int>::max();
  for (int i = 0; i < kColours; ++i) {
    const Rgb& from = kPalette.at(static_cast<std::size_t>(i));
    const int red = from.red - to.red;
    const int green = from.green - to.green;
    const int blue = from.blue - to.blue;
    const int distance = red * red + green * green + blue * blue;
    if (distance >= min) continue;
    min = distance;
    nearest = i;
  }
  return nearest;
}

// xterm's 256 colours are the sixteen, a cube of 6 × 6 × 6, and 24 greys.
int nearestOf256(int index) {
  if (index < kColours) return index;
  if (index >= 232) {
    const int grey = 8 + 10 * (index - 232);
    return nearestColour({grey, grey, grey});
  }
  const auto level = [](int step) { return step == 0 ? 0 : 55 + 40 * step; };
  const int cube = index - 16;
  return nearestColour({level(cube / 36), level(cube / 6 % 6), level(cube % 6)});
}

// Holds a parameter and its parts after colons, such as "4:3". A missing number is 0.
using Parameter = std::vector<int>;

int numberIn(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty()) return 0;
  return error == std::errc() && end == text.data() + text.size() ? number : -1;
}

std::vector<Parameter> parametersIn(std::string_view text) {
  std::vector<Parameter> all;
  while (all.size() < kMaxParameters) {
    const auto end = text.find(';');
    std::string_view one = text.substr(0, end);
    Parameter parameter;
    while (parameter.size() < kMaxParameters) {
      const auto colon = one.find(':');
      parameter.push_back(numberIn(one.substr(0, colon)));
      if (colon == std::string_view::npos) break;
      one.remove_prefix(colon + 1);
    }
    all.push_back(std::move(parameter));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return all;
}

bool isByte(int number) {
  return number >= 0 && number <= 255;
}

// Returns the colour of "5;N", "2;R;G;B" or their forms with colons. Returns nothing if there is none.
std::optional<int> extendedColour(const std::vector<int>& words) {
  if (words.size() >= 2 && words[0] == 5 && isByte(words[1])) return nearestOf256(words[1]);
  if (words.size() < 4 || words[0] != 2) return std::nullopt;
  const std::size_t from = words.size() >= 5 ? 2 : 1;  // "2::R:G:B" names a colour space first
  if (!isByte(words[from]) || !isByte(words[from + 1]) || !isByte(words[from + 2])) return std::nullopt;
  return nearestColour({words[from], words[from + 1], words[from + 2]});
}

// Reads the parameters after 38, 48 or 58 at `at`, and moves `at` to the last of them.
std::optional<int> readExtended(const std::vector<Parameter>& all, std::size_t& at) {
  if (all[at].size() > 1) return extendedColour({all[at].begin() + 1, all[at].end()});
  if (at + 1 >= all.size()) return std::nullopt;
  const int kind = all[at + 1].front();
  const std::size_t count = kind == 5 ? 2 : kind == 2 ? 4 : 1;
  std::vector<int> words;
  while (words.size() < count && at + 1 < all.size()) words.push_back(all[++at].front());
  return extendedColour(words);
}

void applyPlain(const Parameter& parameter, Style& style) {
  const int code = parameter.front();
  if (code >= 30 && code <= 37) style.foreground = code - 30;
  if (code >= 40 && code <= 47) style.background = code - 40;
  if (code >= 90 && code <= 97) style.foreground = code - 90 + 8;
  if (code >= 100 && code <= 107) style.background = code - 100 + 8;
  switch (code) {
    case 0:
      style = {};
      break;
    case 1:
      style.bold = true;
      break;
    case 2:
      style.dim = true;
      break;
    case 3:
      style.italic = true;
      break;
    case 4:
      style.underline = parameter.size() < 2 || parameter[1] != 0;
      break;
    case 7:
      style.inverse = true;
      break;
    case 21:
      style.underline = true;  // double underline
      break;
    case 22:
      style.bold = style.dim = false;
      break;
    case 23:
      style.italic = false;
      break;
    case 24:
      style.underline = false;
      break;
    case 27:
      style.inverse = false;
      break;
    case 39:
      style.foreground = kOwnColour;
      break;
    case 49:
      style.background = kOwnColour;
      break;
    default:  // this style is not shown
      break;
  }
}

std::string colourClass(int colour, int normal, int bright) {
  return " a-" + std::to_string(colour < 8 ? normal + colour : bright + colour - 8);
}

}  // namespace

void applySgr(std::string_view parameters, Style& style) {
  const auto all = parametersIn(parameters);
  for (std::size_t at = 0; at < all.size(); ++at) {
    const int code = all[at].front();
    if (code != 38 && code != 48 && code != 58) {
      applyPlain(all[at], style);
      continue;
    }
    const auto colour = readExtended(all, at);
    if (!colour) continue;
    if (code == 38) style.foreground = *colour;
    if (code == 48) style.background = *colour;
  }
}

std::string classesOf(const Style& style) {
  std::string classes;
  if (style.bold) classes += " a-1";
  if (style.dim) classes += " a-2";
  if (style.italic) classes += " a-3";
  if (style.underline) classes += " a-4";
  if (style.inverse) classes += " a-7";
  const int foreground = style.inverse ? style.background : style.foreground;
  const int background = style.inverse ? style.foreground : style.background;
  if (foreground != kOwnColour) classes += colourClass(foreground, 30, 90);
  if (background != kOwnColour) classes += colourClass(background, 40, 100);
  return classes.empty() ? classes : classes.substr(1);
}

int numberOf(const Style& style) {
  const int looks = (style.bold ? 1 : 0) + (style.dim ? 2 : 0) + (style.italic ? 4 : 0) +
                    (style.underline ? 8 : 0) + (style.inverse ? 16 : 0);
  return (looks * (kColours + 1) + style.foreground + 1) * (kColours + 1) + style.background + 1;
}

std::optional<Style> styleOf(int number) {
  constexpr int kEach = kColours + 1;
  if (number < 0 || number >= 32 * kEach * kEach) return std::nullopt;
  const int looks = number / (kEach * kEach);
  return Style{.foreground = number / kEach % kEach - 1,
               .background = number % kEach - 1,
               .bold = (looks & 1) != 0,
               .dim = (looks & 2) != 0,
               .italic = (looks & 4) != 0,
               .underline = (looks & 8) != 0,
               .inverse = (looks & 16) != 0};
}

}  // namespace taskqueue::web::log
