// Converts a scheduled task of the CMS into a schedule that runs the CMS's event in a PHP worker.
#pragma once

#include <string>
#include <variant>

#include "module/queue/schedule/schedule.h"

namespace taskqueue {

// A row of the CMS's table of scheduled tasks.
struct CmsScheduledTask {
  std::string name;
  std::string event;        // unit:OnEvent
  std::string runSchedule;  // a cron expression
  bool active = false;
};

// The handler of module/php that dispatches an event of the CMS.
inline constexpr const char* kCmsEventClass = "CmsEvent";

// Returns a schedule that behaves as in the CMS: missed instants are made up once, and tasks do not overlap.
// Otherwise returns the reason why there can be none.
std::variant<ScheduleDefinition, std::string> makeCmsSchedule(const CmsScheduledTask& task,
                                                              const std::string& timeZone);

}  // namespace taskqueue
