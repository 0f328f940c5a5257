// A cron expression has five fields: minute, hour, day of month, month, day of week.
//
// Fields are read as in Vixie cron. They accept numbers, names (jan … dec, sun … sat), ranges a-b, lists, and
// steps */n, a-b/n and a/n (from a on). Both 0 and 7 are Sunday. Nicknames are @hourly, @daily (@midnight),
// @weekly, @monthly and @yearly (@annually). If day of month and day of week are both restricted, one match
// is enough. A field that begins with '*' does not count as restricted, even with a step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace taskqueue {

// Local time as seconds since 1970-01-01 00:00, without regard to the offset from UTC.
using WallSeconds = std::int64_t;

class CronExpression {
 public:
  // Returns the expression, or an error text that names the field and how to mend it.
  static std::variant<CronExpression, std::string> parse(std::string_view text);

  // Returns the first matching minute at or after `from` and before `end`, or nothing. It ignores clock
  // changes.
  std::optional<WallSeconds> firstMatch(WallSeconds from, WallSeconds end) const;

  // The numbers that match. Each has its bit set; days of the week are 0 (Sunday) to 6.
  struct Fields {
    std::uint64_t minutes = 0;
    std::uint64_t hours = 0;
    std::uint64_t daysOfMonth = 0;
    std::uint64_t months = 0;
    std::uint64_t daysOfWeek = 0;
    bool eitherDay = false;  // both day fields are restricted, so one match is enough
  };
  const Fields& fields() const { return fields_; }

  // Returns true if the minute or hour begins with '*', which means an interval. Intervals follow real time
  // when clocks change; other expressions mean times of the day.
  bool followsRealTime() const { return followsRealTime_; }

 private:
  CronExpression() = default;
  bool matchesDay(unsigned month, unsigned dayOfMonth, unsigned dayOfWeek) const;
  // Returns the first matching minute since midnight that is not before `from`, or nothing if none is left on
  // a day.
  std::optional<int> firstMinute(int from) const;

  Fields fields_;
  bool followsRealTime_ = false;
};

}  // namespace taskqueue
