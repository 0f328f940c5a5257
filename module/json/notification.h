// What a notification tells, as TaskData of the task that tells it.
//
//   {"To": "ada@example.com", "QueuedById": 17, "Language": "de", "Message": {"Event": "task.ended", …}}
//
// Message is what a webhook sends; its members are the column names.
#pragma once

#include "module/health/check.h"
#include "module/queue/notification.h"

namespace taskqueue::json {

NewTask notificationOf(const EndedTask& ended, UnixSeconds now);

// Tells an operator of a finding, as it was at `now`; the caller adds the unique key.
NewTask notificationOf(const health::HealthCheck& check, const std::string& to, UnixSeconds now);

}  // namespace taskqueue::json
