// Settings that all notification handlers share.
#pragma once

#include <chrono>

#include "module/queue/handler_settings.h"
#include "module/queue/notification.h"

namespace taskqueue::handlers {

inline HandlerSettings notificationSettings(std::chrono::seconds sendLimit) {
  constexpr int kBesidesSending = 40;  // seconds for the database and for name lookups
  HandlerSettings settings;
  settings.timeLimitSeconds = static_cast<int>(sendLimit.count()) + kBesidesSending;
  settings.maxRetries = kNotificationMaxRetries;
  settings.priority = kNotificationPriority;
  settings.retryDelaySeconds = kNotificationRetrySeconds;
  settings.retryDelayLimitSeconds = kNotificationRetryLimitSeconds;
  return settings;
}

}  // namespace taskqueue::handlers
