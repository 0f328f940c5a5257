// What the clocks of a place show: the only class that asks the operating system's time zone database.
//
// Values are small and may be copied; all methods may be called from any thread. What was found stays valid
// for the life of the process: an update of the database counts from the next start on.
#pragma once

#include <optional>
#include <string_view>

#include "module/queue/task.h"

namespace date {
class time_zone;
}

namespace taskqueue {

class TimeZone {
 public:
  // By its name in the IANA database, such as Europe/Riga or UTC. Nothing when there is no such zone, or no
  // database.
  static std::optional<TimeZone> find(std::string_view name);

  // A stretch of time in which the place keeps one distance from UTC.
  struct Period {
    UnixSeconds begin = 0;   // the first second of it
    UnixSeconds end = 0;     // the first second behind it
    UnixSeconds offset = 0;  // local time − UTC, in seconds
  };
  Period periodAt(UnixSeconds instant) const;

 private:
  explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}

  const date::time_zone* zone_;  // owned by the database
};

}  // namespace taskqueue
