// When a cron expression comes next in a place whose clocks are set twice a year.
//
// The rules are those of Vixie cron. An expression of times of the day (neither minute nor hour begins with
// '*') fires once at each: a time that the clocks pass over fires at the first instant behind the gap,
// several such times together once; a time that the clocks show twice fires at the first. An expression of
// every so often (a '*' begins minute or hour) fires whenever the clock shows a matching minute: nothing in a
// gap, and again when an hour is repeated.
#pragma once

#include <optional>

#include "module/queue/schedule/cron_expression.h"
#include "module/queue/schedule/time_zone.h"

namespace taskqueue {

// The longest wait of any expression that comes at all: 29 February on a given day of the week, across 2100.
inline constexpr int kLongestWaitYears = 41;

// The first instant after `after`; nothing when none comes within kLongestWaitYears, as for 31 February.
std::optional<UnixSeconds> nextInstant(const CronExpression& expression, const TimeZone& zone,
                                       UnixSeconds after);

}  // namespace taskqueue
