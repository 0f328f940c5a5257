// Searches the text of a log that readers see, without escape sequences.
#include <algorithm>

#include "module/web/log/log_text.h"

namespace taskqueue::web::log {
namespace {

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

// Returns whether the shown line differs from the stored one.
bool isRendered(std::string_view raw) {
  return raw.size() > kMaxLineBytes || std::any_of(raw.begin(), raw.end(), [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\t';
         });
}

bool contains(std::string_view raw, std::string_view low) {
  if (!isRendered(raw)) return lowered(raw).find(low) != std::string::npos;
  Style any;
  return lowered(plainText(readLine(raw, any))).find(low) != std::string::npos;
}

// Splits a span at offset `at`. Returns the index of the second part.
std::size_t split(std::vector<Span>& spans, std::size_t index, std::size_t at) {
  if (at == 0) return index;
  if (at >= spans[index].text.size()) return index + 1;
  Span second = spans[index];
  second.text.erase(0, at);
  spans[index].text.erase(at);
  spans.insert(spans.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(second));
  return index + 1;
}

}  // namespace

std::optional<LogText::Match> LogText::find(std::string_view wanted, std::int64_t match) const {
  if (wanted.empty()) return std::nullopt;
  const std::string low = lowered(wanted);
  Match found;
  std::int64_t line = start_.line - 1;
  for (const Segment& segment : segments_) {
    std::string_view text = segment.text;
    while (!text.empty()) {
      const std::string_view raw = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(raw.size() + 1, text.size()));
      ++line;
      if (!contains(raw, low)) continue;
      ++found.matches;
      if (found.matches > std::max<std::int64_t>(match, 1)) continue;
      found.match = found.matches;
      found.line = line;
    }
  }
  return found.matches == 0 ? std::nullopt : std::optional(found);
}

void markFound(Line& line, std::string_view wanted) {
  const std::string low = lowered(wanted);
  const std::string text = lowered(plainText(line));
  if (low.empty()) return;
  std::size_t index = 0;  // index of a span, which begins at `start` of the text
  std::size_t start = 0;
  for (auto at = text.find(low); at != std::string::npos; at = text.find(low, at + low.size())) {
    for (std::size_t left = low.size(), from = at; left > 0;) {
      while (start + line.spans[index].text.size() <= from) start += line.spans[index++].text.size();
      const std::size_t first = split(line.spans, index, from - start);
      if (first != index) start += line.spans[index].text.size();
      index = first;
      split(line.spans, index, std::min(left, line.spans[index].text.size()));
      line.spans[index].found = true;
      left -= line.spans[index].text.size();
      from += line.spans[index].text.size();
    }
  }
}

}  // namespace taskqueue::web::log
