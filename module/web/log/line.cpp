#include "module/web/log/line.h"

#include <algorithm>
#include <array>

#include "module/queue/control_characters.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::web::log {
namespace {

constexpr char kEscape = '\x1B';
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
// Limits a title, link or similar string in bytes, which keeps reading linear.
constexpr std::size_t kMaxStringBytes = 4096;

bool isBetween(char c, unsigned char min, unsigned char max) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= min && byte <= max;
}

struct Escape {
  std::size_t size = 1;
  std::string_view sgr;  // the parameters, if isSgr
  bool isSgr = false;
};

// Reads ESC [ parameters intermediates final. An invalid byte ends the sequence and stays in the text.
Escape controlSequence(std::string_view at) {
  std::size_t end = 2;
  while (end < at.size() && isBetween(at[end], 0x30, 0x3F)) ++end;
  const std::string_view parameters = at.substr(2, end - 2);
  const std::size_t intermediates = end;
  while (end < at.size() && isBetween(at[end], 0x20, 0x2F)) ++end;
  if (end == at.size() || !isBetween(at[end], 0x40, 0x7E)) return {.size = end, .sgr = {}, .isSgr = false};
  const bool isPrivate = parameters.find_first_of("<=>?") != std::string_view::npos;
  return {.size = end + 1, .sgr = parameters, .isSgr = at[end] == 'm' && end == intermediates && !isPrivate};
}

// Reads ESC ] … and similar sequences: titles, links, clipboard. They end with ESC \ or BEL; stored output
// has U+FFFD instead of BEL. If the end is missing, only the first two bytes are removed, so that the rest of
// the line stays visible.
Escape controlString(std::string_view at) {
  std::size_t end = std::string_view::npos;
  std::size_t size = 0;
  for (const std::string_view terminator :
       {std::string_view("\x07"), kReplacement, std::string_view("\x1B\\")}) {
    const auto found = at.find(terminator, 2);
    if (found >= end) continue;
    end = found;
    size = found + terminator.size();
  }
  return {.size = end == std::string_view::npos ? 2 : size, .sgr = {}, .isSgr = false};
}

// Reads the escape sequence at the start of the text.
Escape escapeAt(std::string_view at) {
  if (at.size() < 2) return {};
  if (at[1] == '[') return controlSequence(at);
  if (std::string_view("]PX^_").find(at[1]) != std::string_view::npos) return controlString(at);
  std::size_t end = 1;
  while (end < at.size() && isBetween(at[end], 0x20, 0x2F)) ++end;
  if (end < at.size() && isBetween(at[end], 0x30, 0x7E)) ++end;
  return {.size = end, .sgr = {}, .isSgr = false};
}

// Returns the size in bytes of the first character, or 0 if it is invalid or a control character.
std::size_t characterAt(std::string_view at) {
  const auto lead = static_cast<unsigned char>(at.front());
  if (lead < 0x80) return lead == '\t' || (lead >= 0x20 && lead != 0x7F) ? 1 : 0;
  const std::size_t size = lead >= 0xF0 && lead <= 0xF4   ? 4
                           : lead >= 0xE0 && lead <= 0xEF ? 3
                           : lead >= 0xC2 && lead <= 0xDF ? 2
                                                          : 0;
  if (size == 0 || at.size() < size) return 0;
  for (std::size_t i = 1; i < size; ++i) {
    if (!continuesCharacter(at[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(at[1]);
  const bool isOdd = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90) ||  // overlong
                     (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);    // no characters
  return isOdd || lengthOfControl(at) > 0 ? 0 : size;
}

// Builds a line while it is read.
class Writing {
 public:
  explicit Writing(Line& to) : to_(to) {}

  void carriageReturn() { returned_ = true; }

  void add(std::string_view text, const Style& style) {
    if (returned_) clear();
    const std::string_view fits =
        to_.hiddenBytes > 0 ? std::string_view() : cutAtCharacter(text, kMaxLineBytes - size_);
    to_.hiddenBytes += static_cast<std::int64_t>(text.size() - fits.size());
    if (fits.empty()) return;
    size_ += fits.size();
    if (to_.spans.empty() || to_.spans.back().style != style)
      to_.spans.push_back({.text = {}, .style = style});
    to_.spans.back().text += fits;
  }

 private:
  void clear() {
    to_.spans.clear();
    to_.hiddenBytes = 0;
    size_ = 0;
    returned_ = false;
  }

  Line& to_;
  std::size_t size_ = 0;
  bool returned_ = false;
};

struct Level {
  std::string_view word;
  Style style;
};

constexpr int kRed = 1;
constexpr int kYellow = 3;
constexpr int kBlue = 4;
constexpr int kCyan = 6;
// The levels of PSR-3, as `$run->logger()` writes them at the start of a line.
constexpr std::array<Level, 8> kLevels{{
    {"[emergency]", {.foreground = kRed, .bold = true}},
    {"[alert]", {.foreground = kRed, .bold = true}},
    {"[critical]", {.foreground = kRed, .bold = true}},
    {"[error]", {.foreground = kRed}},
    {"[warning]", {.foreground = kYellow}},
    {"[notice]", {.foreground = kCyan}},
    {"[info]", {.foreground = kBlue}},
    {"[debug]", {.dim = true}},
}};

// Colours the level at the start of a line, unless the line has a style of its own there.
void colourLevel(Line& line) {
  if (line.spans.empty() || line.spans.front().style != Style{}) return;
  const std::string& text = line.spans.front().text;
  if (!text.starts_with('[')) return;
  for (const Level& level : kLevels) {
    const std::size_t size = level.word.size();
    if (!text.starts_with(level.word) || text.substr(size, 1) != " ") continue;
    const Span rest{.text = text.substr(size), .style = {}};
    line.spans.front() = {.text = std::string(level.word), .style = level.style};
    line.spans.insert(line.spans.begin() + 1, rest);
    return;
  }
}

}  // namespace

Line readLine(std::string_view raw, Style& style) {
  Line line;
  Writing writing(line);
  while (!raw.empty()) {
    std::size_t plain = 0;  // bytes of characters that are added at once
    while (plain < raw.size()) {
      const std::size_t size = characterAt(raw.substr(plain));
      if (size == 0) break;
      plain += size;
    }
    if (plain > 0) writing.add(raw.substr(0, plain), style);
    raw.remove_prefix(plain);
    if (raw.empty()) break;
    std::size_t taken = 1;
    if (raw.front() == '\r') {
      writing.carriageReturn();
    } else if (raw.front() == kEscape) {
      const Escape escape = escapeAt(raw);
      if (escape.isSgr) applySgr(escape.sgr, style);
      taken = escape.size;
    } else {
      writing.add(kReplacement, style);
      taken = std::max<std::size_t>(1, lengthOfControl(raw));
    }
    raw.remove_prefix(taken);
  }
  colourLevel(line);
  return line;
}

void carryStyle(std::string_view raw, Style& style) {
  std::size_t lineEnd = 0;
  for (auto at = raw.find(kEscape); at != std::string_view::npos; at = raw.find(kEscape, at)) {
    if (lineEnd <= at) lineEnd = std::min(raw.find('\n', at), raw.size());
    const Escape escape = escapeAt(raw.substr(at, lineEnd - at));
    if (escape.isSgr) applySgr(escape.sgr, style);
    at += escape.size;
  }
}

std::string plainText(const Line& line) {
  std::string text;
  for (const Span& span : line.spans) text += span.text;
  return text;
}

}  // namespace taskqueue::web::log
