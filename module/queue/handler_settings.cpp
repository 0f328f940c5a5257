#include "module/queue/handler_settings.h"

#include <algorithm>

#include "module/queue/task.h"

namespace taskqueue {

std::string_view toString(OnCrash onCrash) {
  return onCrash == OnCrash::Fail ? "fail" : "retry";
}

std::optional<OnCrash> parseOnCrash(std::string_view word) {
  for (const OnCrash onCrash : {OnCrash::Retry, OnCrash::Fail}) {
    if (word == toString(onCrash)) return onCrash;
  }
  return std::nullopt;
}

void HandlerSettings::complete(NewTask& task) const {
  if (!task.maxRetries && maxRetries > 0) task.maxRetries = maxRetries;
  if (!task.queue && !queue.empty()) task.queue = queue;
  if (!task.priority) task.priority = priority;
}

RetryPolicy HandlerSettings::retryPolicy(RetryPolicy defaultValue) const {
  if (retryDelaySeconds) {
    defaultValue.delay = std::chrono::seconds(*retryDelaySeconds);
    defaultValue.delayLimit = std::max(defaultValue.delayLimit, defaultValue.delay);
  }
  if (retryDelayLimitSeconds) defaultValue.delayLimit = std::chrono::seconds(*retryDelayLimitSeconds);
  return defaultValue;
}

}  // namespace taskqueue
