#include "module/queue/schedule/next_instant.h"

#include <algorithm>
#include <cstdint>

namespace taskqueue {
namespace {

constexpr UnixSeconds kYear = 366 * 86400;

// Returns the local time up to which this period repeats times of the previous one, because clocks were set
// back.
WallSeconds endOfRepetition(const TimeZone& zone, const TimeZone::Period& period) {
  const TimeZone::Period before = zone.periodAt(period.begin - 1);
  const bool isFirstOfAll = before.end != period.begin;
  return isFirstOfAll ? INT64_MIN : before.end + before.offset;
}

}  // namespace

std::optional<UnixSeconds> nextInstant(const CronExpression& expression, const TimeZone& zone,
                                       UnixSeconds after) {
  const UnixSeconds horizon = after + kLongestWaitYears * kYear;
  UnixSeconds from = after + 1;
  TimeZone::Period period = zone.periodAt(from);
  while (from < horizon) {
    const UnixSeconds end = std::min(period.end, horizon);
    WallSeconds fromWall = from + period.offset;
    if (!expression.followsRealTime()) fromWall = std::max(fromWall, endOfRepetition(zone, period));
    if (const auto found = expression.firstMatch(fromWall, end + period.offset))
      return *found - period.offset;

    from = end;
    if (end == horizon) return std::nullopt;
    const TimeZone::Period next = zone.periodAt(end);
    const bool inGap = expression.firstMatch(end + period.offset, end + next.offset).has_value();
    if (!expression.followsRealTime() && inGap) return end;
    period = next;
  }
  return std::nullopt;
}

}  // namespace taskqueue
