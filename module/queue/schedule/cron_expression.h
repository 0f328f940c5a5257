// A cron expression: minute, hour, day of month, month, day of week.
//
// As Vixie cron reads it: numbers, names (jan … dec, sun … sat; 0 and 7 are Sunday), ranges a-b, lists, steps
// */n, a-b/n and a/n (from a on), and @hourly, @daily (@midnight), @weekly, @monthly, @yearly (@annually).
// Where both the day of the month and the day of the week are restricted, either of them is enough; a field
// that begins with '*' restricts nothing in this sense, also with a step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace taskqueue {

// Seconds since 1970-01-01 00:00 as a clock on the wall shows them, whatever its distance from UTC.
using WallSeconds = std::int64_t;

class CronExpression {
 public:
  // The expression, or what is wrong with it: the field and how to mend it.
  static std::variant<CronExpression, std::string> parse(std::string_view text);

  // The first matching minute at or after `from` and before `end` of a clock that is never set. Nothing when
  // there is none.
  std::optional<WallSeconds> firstMatch(WallSeconds from, WallSeconds end) const;

  // A minute or hour field that begins with '*' means "every so often": such an expression goes on by real
  // time when the clocks are set. Others mean times of the day.
  bool followsRealTime() const { return followsRealTime_; }

 private:
  CronExpression() = default;
  bool matchesDay(unsigned month, unsigned dayOfMonth, unsigned dayOfWeek) const;
  // Minutes since midnight, at least `from`; nothing when no later minute of a day matches.
  std::optional<int> firstMinute(int from) const;

  // A bit for each number that matches.
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t daysOfMonth_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t daysOfWeek_ = 0;
  bool eitherDay_ = false;  // both kinds of days are restricted
  bool followsRealTime_ = false;
};

}  // namespace taskqueue
