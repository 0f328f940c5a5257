// Reading the CMS's own table of scheduled tasks, whatever its names on this site.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "module/queue/schedule/cms_schedule.h"
#include "module/store/connection.h"

namespace taskqueue::store {

struct CmsScheduleNames {
  std::string table = "ScheduledTasks";  // after the table prefix
  std::string name = "Name";
  std::string event = "Event";
  std::string runSchedule = "RunSchedule";
  std::string status = "Status";  // 1: active
};

// Or what is wrong with the names: they are not letters, digits and '_', or there is no such table or column.
std::variant<std::vector<CmsScheduledTask>, std::string> readCmsScheduledTasks(Connection& connection,
                                                                               const CmsScheduleNames& names);

}  // namespace taskqueue::store
