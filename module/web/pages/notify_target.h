// Whom a task's notification goes to, as a page may say it.
#pragma once

#include "module/queue/task.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

// An e-mail address as it is; of a webhook only its host, since whoever knows the whole address may speak to
// it; "user 17" where it is the address of whoever queued the task.
std::string shownTarget(const std::optional<std::string>& notifyTo, int queuedById, const Texts& say);

}  // namespace taskqueue::web
