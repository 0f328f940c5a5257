// A scheduled task of the CMS as a schedule of ours, which runs the CMS's own event through a PHP worker.
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

// As the CMS does it: a missed time is made up once, and nothing overlaps itself. Or why there can be none.
std::variant<ScheduleDefinition, std::string> scheduleOfCms(const CmsScheduledTask& task,
                                                            const std::string& timeZone);

}  // namespace taskqueue
