#include "module/queue/handler_settings.h"

#include <algorithm>

#include "module/queue/task.h"

namespace taskqueue {

std::string_view wordOf(OnCrash onCrash) {
  return onCrash == OnCrash::Fail ? "fail" : "retry";
}

std::optional<OnCrash> onCrashOf(std::string_view word) {
  for (const OnCrash onCrash : {OnCrash::Retry, OnCrash::Fail}) {
    if (word == wordOf(onCrash)) return onCrash;
  }
  return std::nullopt;
}

void HandlerSettings::complete(NewTask& task) const {
  if (!task.maxRetries && maxRetries > 0) task.maxRetries = maxRetries;
  if (!task.queue && !queue.empty()) task.queue = queue;
  if (!task.priority) task.priority = priority;
}

RetryPolicy HandlerSettings::retryPolicy(RetryPolicy otherwise) const {
  if (retryDelaySeconds) {
    otherwise.delay = std::chrono::seconds(*retryDelaySeconds);
    otherwise.delayLimit = std::max(otherwise.delayLimit, otherwise.delay);
  }
  if (retryDelayLimitSeconds) otherwise.delayLimit = std::chrono::seconds(*retryDelayLimitSeconds);
  return otherwise;
}

}  // namespace taskqueue
