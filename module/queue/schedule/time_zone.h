// The local time of a zone. Only this class reads the operating system's time zone database.
//
// Values are cheap to copy, and any thread may call the methods. Zones stay valid for the life of the
// process, so an update of the database takes effect at the next start.
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
  // Finds a zone by its name in the IANA database, such as Europe/Riga or UTC. Returns nothing if there is no
  // such zone or no database.
  static std::optional<TimeZone> find(std::string_view name);

  // A span of time with one offset from UTC.
  struct Period {
    UnixSeconds begin = 0;   // first second of the period
    UnixSeconds end = 0;     // first second after the period
    UnixSeconds offset = 0;  // local time − UTC, in seconds
  };
  Period periodAt(UnixSeconds instant) const;

 private:
  explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}

  const date::time_zone* zone_;  // owned by the time zone database
};

}  // namespace taskqueue
