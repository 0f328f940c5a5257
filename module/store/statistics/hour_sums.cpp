#include "module/store/statistics/hour_sums.h"

#include <algorithm>
#include <map>

#include "module/queue/error_group.h"
#include "module/queue/overview.h"
#include "module/queue/time_units.h"
#include "module/store/statistics/maria_statistics.h"
#include "module/store/statistics/minute_sums.h"

namespace taskqueue::store {
namespace {

constexpr int kHoursAtOnce = 24;

// Served by the unique keys HourOn and MinuteOn.
const Sql kLastComplete{"last-complete", R"(
  SELECT COALESCE((SELECT MAX(HourOn) FROM {TaskQueueHours}), 0),
    COALESCE((SELECT MAX(MinuteOn) FROM {TaskQueueMinutes}), 0)
)"};
// Served by the unique key MinuteOn.
const Sql kFirstMinute{"first-minute", R"(
  SELECT MinuteOn
  FROM {TaskQueueMinutes} FORCE INDEX (MinuteOn)
  WHERE MinuteOn >= ?
  ORDER BY MinuteOn
  LIMIT 1
)"};
// This row says that an hour is complete; the transaction that inserts it sums up.
const Sql kLockHour{"lock-hour", R"(
  INSERT IGNORE INTO {TaskQueueHours} (HourOn, TaskHandlerClass)
  VALUES (?, '')
)"};
// Served by the unique key MinuteOn.
const Sql kMinutesOfHour{"minutes-of-hour", R"(
  SELECT TaskHandlerClass, {all_minute_columns}
  FROM {TaskQueueMinutes} FORCE INDEX (MinuteOn)
  WHERE MinuteOn >= ? AND MinuteOn < ? AND TaskHandlerClass <> ''
)"};
const Sql kAddHour{"add-hour", R"(
  INSERT INTO {TaskQueueHours} (
    HourOn, TaskHandlerClass, Succeeded, Failed, Cancelled, RunMsTotal, FirstRuns, WaitSecondsTotal,
    RunMsHistogram
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
)"};
const Sql kPruneHours{"prune-hours", R"(
  DELETE FROM {TaskQueueHours}
  WHERE HourOn < ?
  LIMIT 5000
)"};

void sumUpHour(StoreContext& context, UnixSeconds hour) {
  context.inTransaction([&] {
    Connection& connection = context.connection;
    if (connection.execute(kLockHour, {hour}) == 0) return;  // another program has summed it up
    std::map<std::string, HandlerStats> handlers;
    for (Row& row : connection.query(kMinutesOfHour, {hour, hour + kHourSeconds})) {
      std::string name;
      row.next(name);
      addStats(row, handlers[name]);
    }
    for (const auto& [name, stats] : handlers) {
      const MinuteStats& sums = stats.sums;
      connection.execute(kAddHour, {hour, name, sums.succeeded, sums.failed, sums.cancelled, sums.runMsTotal,
                                    sums.firstRuns, sums.waitSecondsTotal, stats.times.histogram()});
    }
  });
}

}  // namespace

void sumUpHours(StoreContext& context, std::int64_t now) {
  auto last = context.connection.query(kLastComplete);
  const auto [lastHour, lastMinute] = last.at(0).as<UnixSeconds, UnixSeconds>();
  UnixSeconds hour = lastHour + kHourSeconds;
  for (int summedUp = 0; summedUp < kHoursAtOnce; ++summedUp, hour += kHourSeconds) {
    auto first = context.connection.query(kFirstMinute, {hour});
    if (first.empty()) break;
    const auto busy = first.front().as<UnixSeconds>();
    hour = std::max(hour, busy - busy % kHourSeconds);
    if (lastMinute + kMinuteSeconds < hour + kHourSeconds) break;
    sumUpHour(context, hour);
  }
  context.connection.execute(kPruneHours, {now - kHoursKeptSeconds});
}

}  // namespace taskqueue::store
