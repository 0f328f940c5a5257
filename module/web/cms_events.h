// Restricts which CMS events a request may enqueue, by web.cms_events. Tasks that the site itself or the
// command line enqueues are not checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/queue/task_queue.h"

namespace taskqueue::web {

inline constexpr const char* kAnyCmsEvent = "*";

// Returns nothing if the task is not for a CMS event, or if its event is allowed.
std::optional<InputError> refuseCmsEvent(const std::string& taskHandlerClass, const std::string& taskData,
                                         const std::vector<std::string>& allowed);

}  // namespace taskqueue::web
