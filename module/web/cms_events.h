// Which events of the CMS a request may name: those of web.cms_events. What the site itself and the command
// line enqueue is not asked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/queue/task_queue.h"

namespace taskqueue::web {

inline constexpr const char* kAnyCmsEvent = "*";

// Nothing when it is no task for an event, or for one that is allowed.
std::optional<InputError> refuseCmsEvent(const std::string& taskHandlerClass, const std::string& taskData,
                                         const std::vector<std::string>& allowed);

}  // namespace taskqueue::web
