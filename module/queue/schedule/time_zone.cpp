#include "module/queue/schedule/time_zone.h"

#include <date/tz.h>

#include <chrono>
#include <stdexcept>

namespace taskqueue {

std::optional<TimeZone> TimeZone::find(std::string_view name) {
  if (name.empty()) return std::nullopt;
  try {
    return TimeZone(date::locate_zone(std::string(name)));
  } catch (const std::runtime_error&) {  // the library reports an unknown zone only by this exception
    return std::nullopt;
  }
}

TimeZone::Period TimeZone::periodAt(UnixSeconds instant) const {
  const date::sys_info found = zone_->get_info(date::sys_seconds(std::chrono::seconds(instant)));
  return {found.begin.time_since_epoch().count(), found.end.time_since_epoch().count(), found.offset.count()};
}

}  // namespace taskqueue
