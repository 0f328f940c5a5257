// What holds for all handlers that tell somebody of something.
#pragma once

#include <chrono>

#include "module/queue/handler_settings.h"
#include "module/queue/notification.h"

namespace taskqueue::handlers {

inline HandlerSettings notificationSettings(std::chrono::seconds sendLimit) {
  constexpr int kBesidesSending = 40;  // seconds: the database, looking up names
  HandlerSettings settings;
  settings.timeLimitSeconds = static_cast<int>(sendLimit.count()) + kBesidesSending;
  settings.maxRetries = kNotificationMaxRetries;
  settings.priority = kNotificationPriority;
  settings.retryDelaySeconds = kNotificationRetrySeconds;
  settings.retryDelayLimitSeconds = kNotificationRetryLimitSeconds;
  return settings;
}

}  // namespace taskqueue::handlers
