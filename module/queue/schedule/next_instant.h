// Finds the next instant of a cron expression in a time zone with clock changes.
//
// The rules are those of Vixie cron. If neither minute nor hour begins with '*', the expression names times
// of the day, and each fires once. Times within a gap fire together, once, at the first instant after the
// gap. A repeated time fires at its first occurrence. If minute or hour begins with '*', the expression fires
// at every matching minute that the clock shows. It does not fire within a gap, and it fires again in a
// repeated hour.
#pragma once

#include <optional>

#include "module/queue/schedule/cron_expression.h"
#include "module/queue/schedule/time_zone.h"

namespace taskqueue {

// The longest wait of any expression that matches at all: 29 February on a given day of the week, across
// 2100.
inline constexpr int kLongestWaitYears = 41;

// Returns the first instant after `after`. Returns nothing if none comes within kLongestWaitYears, as for 31
// February.
std::optional<UnixSeconds> nextInstant(const CronExpression& expression, const TimeZone& zone,
                                       UnixSeconds after);

}  // namespace taskqueue
