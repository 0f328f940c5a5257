// Makes notification tasks. Their TaskData holds the recipient and the message:
//
//   {"To": "ada@example.com", "QueuedById": 17, "Language": "de", "Message": {"Event": "task.ended", …}}
//
// A webhook sends Message. Its members are named like the columns.
#pragma once

#include "module/health/check.h"
#include "module/queue/notification.h"

namespace taskqueue::json {

NewTask makeNotification(const EndedTask& ended, UnixSeconds now);

// Makes a notification for an operator about a finding at the time `now`. The caller adds the unique key.
NewTask makeNotification(const health::HealthCheck& check, const std::string& to, UnixSeconds now);

}  // namespace taskqueue::json
