#include "module/queue/schedule/cron_field.h"

#include <algorithm>
#include <optional>

#include "module/queue/utf8_text.h"
#include "module/queue/whole_number.h"

namespace taskqueue {
namespace {

constexpr std::size_t kQuotedFieldBytes = 40;  // quoted bytes of the sender's words in a message

// Larger steps are cut to this one. It exceeds every field, so only the first number matches.
constexpr std::int64_t kPastEveryField = 100;

struct Range {
  int first = 0;
  int last = 0;
  int step = 1;
};

using RangeOrProblem = std::variant<Range, std::string>;

std::string quoted(std::string_view text) {
  return "'" + std::string(cutAtCharacter(text, kQuotedFieldBytes)) + "'";
}

std::string bounds(const CronFieldKind& kind) {
  return std::to_string(kind.min) + " to " + std::to_string(kind.max);
}

bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::variant<int, std::string> parseValue(const CronFieldKind& kind, std::string_view text) {
  for (std::size_t i = 0; i < kind.names.size(); ++i) {
    if (equalsIgnoringCase(text, kind.names[i])) return kind.min + static_cast<int>(i);
  }
  const auto number = wholeNumber(text);
  if (!number) {
    return quoted(text) + " is no " + (kind.names.empty() ? "number" : "number or name") + "; give " +
           bounds(kind) + ", a-b, a,b, */n" +
           (kind.names.empty()
                ? ""
                : ", or " + std::string(kind.names.front()) + " to " + std::string(kind.names.back()));
  }
  if (*number < kind.min || *number > kind.max) {
    return std::to_string(*number) + " is not within " + bounds(kind);
  }
  return static_cast<int>(*number);
}

// Reads "*", "a" or "a-b". Sets `isSingle` for "a".
RangeOrProblem parseBase(const CronFieldKind& kind, std::string_view text, bool& isSingle) {
  if (text == "*") return Range{kind.min, kind.max};
  const auto dash = text.find('-');
  const auto first = parseValue(kind, text.substr(0, dash));
  if (const auto* problem = std::get_if<std::string>(&first)) return *problem;
  Range range{std::get<int>(first), std::get<int>(first)};
  isSingle = dash == std::string_view::npos;
  if (isSingle) return range;
  const auto last = parseValue(kind, text.substr(dash + 1));
  if (const auto* problem = std::get_if<std::string>(&last)) return *problem;
  range.last = std::get<int>(last);
  if (range.first > range.last) {
    return "the range " + quoted(text) + " goes backwards; write it as two, such as " +
           std::string(text.substr(0, dash)) + "-" + std::to_string(kind.max) + "," +
           std::to_string(kind.min) + "-" + std::string(text.substr(dash + 1));
  }
  return range;
}

RangeOrProblem parseItem(const CronFieldKind& kind, std::string_view text) {
  if (text.empty()) return std::string("a number is missing beside a comma");
  const auto slash = text.find('/');
  bool isSingle = false;
  auto parsed = parseBase(kind, text.substr(0, slash), isSingle);
  if (slash == std::string_view::npos || std::holds_alternative<std::string>(parsed)) return parsed;
  Range range = std::get<Range>(parsed);
  const auto step = wholeNumber(text.substr(slash + 1));
  if (!step || *step < 1) return "the step in " + quoted(text) + " must be a whole number from 1 on";
  range.step = static_cast<int>(std::min<std::int64_t>(*step, kPastEveryField));
  if (isSingle) range.last = kind.max;
  return range;
}

}  // namespace

std::variant<std::uint64_t, std::string> parseCronField(const CronFieldKind& kind, std::string_view text) {
  std::uint64_t bits = 0;
  while (true) {
    const auto comma = text.find(',');
    const auto parsed = parseItem(kind, text.substr(0, comma));
    if (const auto* problem = std::get_if<std::string>(&parsed))
      return std::string(kind.name) + ": " + *problem;
    const Range range = std::get<Range>(parsed);
    for (int value = range.first; value <= range.last; value += range.step) bits |= std::uint64_t{1} << value;
    if (comma == std::string_view::npos) return bits;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace taskqueue
