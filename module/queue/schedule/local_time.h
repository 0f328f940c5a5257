// Writes an instant as the local time of a zone.
#pragma once

#include <string>

#include "module/queue/schedule/time_zone.h"

namespace taskqueue {

// Formats an instant like 2026-03-29 04:00:00+03:00. A zone that is not known counts as UTC.
std::string localTimeText(UnixSeconds instant, std::string_view timeZone);

}  // namespace taskqueue
