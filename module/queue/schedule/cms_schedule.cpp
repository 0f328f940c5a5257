#include "module/queue/schedule/cms_schedule.h"

#include <algorithm>

namespace taskqueue {
namespace {

// Accepts unit:OnEvent or unit.special:OnEvent. All accepted characters may stand unescaped in JSON.
bool isEvent(const std::string& event) {
  const auto isUnit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  const auto colon = event.find(':');
  if (colon == std::string::npos || colon == 0) return false;
  const std::string name = event.substr(colon + 1);
  return name.starts_with("On") && name.size() > 2 &&
         std::all_of(event.begin(), event.begin() + colon, isUnit) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return isUnit(c) && c != '.' && c != '-'; });
}

}  // namespace

std::variant<ScheduleDefinition, std::string> makeCmsSchedule(const CmsScheduledTask& task,
                                                              const std::string& timeZone) {
  if (!isEvent(task.event)) return "its event '" + task.event + "' is not written unit:OnEvent";
  ScheduleDefinition definition;
  definition.name = task.name;
  definition.taskHandlerClass = kCmsEventClass;
  definition.taskData = "{\"Event\":\"" + task.event + "\"}";
  definition.cronExpression = task.runSchedule;
  definition.timeZone = timeZone;
  definition.missed = Missed::Once;
  definition.overlap = Overlap::Skip;
  definition.enabled = task.active;
  return definition;
}

}  // namespace taskqueue
