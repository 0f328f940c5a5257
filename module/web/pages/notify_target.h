// Describes the recipient of a notification for a page.
#pragma once

#include "module/queue/task.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

// Returns an e-mail address unchanged. A webhook is cut after its host, because its full URL is a secret.
// Without an address it returns "user 17", the user who queued the task.
std::string shownTarget(const std::optional<std::string>& notifyTo, int queuedById, const Texts& say);

}  // namespace taskqueue::web
