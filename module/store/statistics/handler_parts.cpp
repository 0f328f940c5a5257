// Reads the sums of one handler in intervals. Complete hours have sums of their own; later minutes are read
// one by one.
#include "module/queue/time_units.h"
#include "module/store/statistics/maria_statistics.h"
#include "module/store/statistics/minute_sums.h"

namespace taskqueue::store {
namespace {

// Served by the unique key HourOn.
const Sql kLastHour{"last-hour", R"(
  SELECT COALESCE(MAX(HourOn), 0)
  FROM {TaskQueueHours}
)"};
// Served by the index HandlerHour.
const Sql kHoursOfHandler{"hours-of-handler", R"(
  SELECT HourOn, {all_minute_columns}
  FROM {TaskQueueHours} FORCE INDEX (HandlerHour)
  WHERE TaskHandlerClass = ? AND HourOn >= ? AND HourOn < ?
)"};
// Served by the index HandlerMinute.
const Sql kMinutesOfHandler{"minutes-of-handler", R"(
  SELECT MinuteOn, {all_minute_columns}
  FROM {TaskQueueMinutes} FORCE INDEX (HandlerMinute)
  WHERE TaskHandlerClass = ? AND MinuteOn >= ? AND MinuteOn < ?
)"};

}  // namespace

std::map<UnixSeconds, HandlerStats> MariaStatistics::readHandlerParts(std::string_view taskHandlerClass,
                                                                      UnixSeconds from, UnixSeconds until,
                                                                      int seconds) {
  std::map<UnixSeconds, HandlerStats> parts;
  const auto take = [&](const Sql& sql, UnixSeconds begin, UnixSeconds end) {
    for (Row& row : connection_.query(sql, {taskHandlerClass, begin, end})) {
      UnixSeconds time = 0;
      row.next(time);
      addStats(row, parts[time - time % seconds]);
    }
  };
  const UnixSeconds complete =
      connection_.query(kLastHour).at(0).as<UnixSeconds>() + kHourSeconds;  // hours before are complete
  take(kHoursOfHandler, from, std::min(until, complete));
  if (until > complete) take(kMinutesOfHandler, std::max(from, complete), until);
  return parts;
}

}  // namespace taskqueue::store
