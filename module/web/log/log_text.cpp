#include "module/web/log/log_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "module/queue/run.h"

namespace taskqueue::web::log {
namespace {

std::int64_t linesIn(std::string_view text) {
  const auto feeds = std::count(text.begin(), text.end(), '\n');
  return feeds + (text.empty() || text.back() == '\n' ? 0 : 1);
}

// Returns the offset after `count` line feeds, or the end of the text.
std::size_t behindLines(std::string_view text, std::int64_t count) {
  std::size_t at = 0;
  for (; count > 0 && at < text.size(); --count) {
    const auto feed = text.find('\n', at);
    at = feed == std::string_view::npos ? text.size() : feed + 1;
  }
  return at;
}

// Removes the next line from `text`. Returns whether it ended with a line feed.
bool takeLine(std::string_view& text, std::string_view& line) {
  const auto feed = text.find('\n');
  line = text.substr(0, feed);
  text.remove_prefix(feed == std::string_view::npos ? text.size() : feed + 1);
  return feed != std::string_view::npos;
}

}  // namespace

std::string writeCursor(const Cursor& cursor) {
  return std::to_string(cursor.position) + "." + std::to_string(cursor.line) + "." +
         std::to_string(numberOf(cursor.style));
}

std::optional<Cursor> parseCursor(std::string_view text) {
  std::array<std::int64_t, 3> numbers{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto [behind, error] = std::from_chars(at, end, numbers.at(i));
    if (error != std::errc() || numbers.at(i) < 0) return std::nullopt;
    at = behind;
  }
  const auto style = numbers[2] <= INT32_MAX ? styleOf(static_cast<int>(numbers[2])) : std::nullopt;
  if (at != end || !style || numbers[1] < 1 || numbers[1] > INT64_MAX / 2) return std::nullopt;
  return Cursor{.position = numbers[0], .line = numbers[1], .style = *style};
}

LogText::LogText(std::vector<Segment> segments, Cursor start)
    : segments_(std::move(segments)), start_(start), lastLine_(start.line - 1) {
  for (const Segment& segment : segments_) lastLine_ += linesIn(segment.text);
}

std::string LogText::stored() const {
  std::string all;
  for (const Segment& segment : segments_) {
    if (segment.droppedBefore > 0) all += droppedLine(segment.droppedBefore);
    all += segment.text;
  }
  return all;
}

Window LogText::linesFrom(std::int64_t firstLine) const {
  Window window{.lines = {}, .next = start_};
  std::size_t bytes = 0;
  for (const Segment& segment : segments_) {
    if (segment.droppedBefore > 0) window.next.style = {};  // the dropped bytes may have changed the style
    std::string_view text = segment.text;
    const std::size_t skipped = behindLines(text, firstLine - window.next.line);
    carryStyle(text.substr(0, skipped), window.next.style);
    window.next.line += linesIn(text.substr(0, skipped));
    text.remove_prefix(skipped);
    std::int64_t dropped = skipped == 0 ? segment.droppedBefore : 0;
    for (;;) {
      const auto left = static_cast<std::int64_t>(text.size());
      window.next.position = segment.position + static_cast<std::int64_t>(segment.text.size()) - left;
      if (text.empty()) break;
      if (window.lines.size() == kWindowLines || bytes >= kWindowBytes) return window;
      const Cursor before = window.next;
      std::string_view raw;
      const bool isWhole = takeLine(text, raw);
      Line line = readLine(raw, window.next.style);
      line.number = window.next.line++;
      line.droppedBefore = std::exchange(dropped, 0);
      for (const Span& span : line.spans) bytes += span.text.size();
      window.lines.push_back(std::move(line));
      if (isWhole || &segment != &segments_.back()) continue;
      window.next = before;
      return window;
    }
  }
  return window;
}

}  // namespace taskqueue::web::log
