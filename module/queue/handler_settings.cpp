#include "module/queue/handler_settings.h"

#include <algorithm>
#include <charconv>

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
  if (task.uniqueKey && !task.uniqueMode && uniqueSeconds > 0) {
    task.uniqueMode = UniqueMode::Window;
    if (task.uniqueSeconds == 0) task.uniqueSeconds = uniqueSeconds;
  }
}

RetryPolicy HandlerSettings::retryPolicy(RetryPolicy defaultValue) const {
  if (retryDelaySeconds) {
    defaultValue.delay = std::chrono::seconds(*retryDelaySeconds);
    defaultValue.delayLimit = std::max(defaultValue.delayLimit, defaultValue.delay);
  }
  if (retryDelayLimitSeconds) defaultValue.delayLimit = std::chrono::seconds(*retryDelayLimitSeconds);
  for (const int seconds : retryDelays) defaultValue.delays.emplace_back(seconds);
  return defaultValue;
}

std::string textOfRetryDelays(const std::vector<int>& delays) {
  std::string text;
  for (const int seconds : delays) text += (text.empty() ? "" : ",") + std::to_string(seconds);
  return text;
}

std::vector<int> parseRetryDelays(std::string_view text) {
  std::vector<int> delays;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (int seconds = 0; at < end; ++at) {
    const auto read = std::from_chars(at, end, seconds);
    if (read.ec != std::errc()) break;
    delays.push_back(seconds);
    at = read.ptr;
  }
  return delays;
}

}  // namespace taskqueue
