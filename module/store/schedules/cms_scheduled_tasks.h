// Reads the CMS's own table of scheduled tasks, whose names can differ between sites.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "module/queue/schedule/cms_schedule.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

struct CmsScheduleNames {
  std::string table = "ScheduledTasks";  // without the table prefix
  std::string name = "Name";
  std::string event = "Event";
  std::string runSchedule = "RunSchedule";
  std::string status = "Status";  // 1: active
};

// Returns the tasks, or what is wrong with the names: they are not letters, digits and '_', or no such table
// or column exists.
std::variant<std::vector<CmsScheduledTask>, std::string> readCmsScheduledTasks(Connection& connection,
                                                                               const CmsScheduleNames& names);

}  // namespace taskqueue::store
