#include "module/json/handler_settings.h"

#include "module/queue/limits.h"

namespace taskqueue::json {

void writeHandlerSettings(Writer& to, const HandlerSettings& settings, Undeclared undeclared) {
  const auto number = [&](const char* name, int value) {
    const bool isNull = value == 0 && undeclared == Undeclared::IsNull;
    to.member(name, isNull ? std::nullopt : std::optional(value));
  };
  number("TimeLimitSeconds", settings.timeLimitSeconds);
  number("MaxRetries", settings.maxRetries);
  to.member("RetryDelaySeconds", settings.retryDelaySeconds);
  to.member("RetryDelayLimitSeconds", settings.retryDelayLimitSeconds);
  to.member("OnCrash", wordOf(settings.onCrash));
  const bool noQueue = settings.queue.empty() && undeclared == Undeclared::IsNull;
  to.member("Queue", noQueue ? std::nullopt : std::optional(settings.queue));
  to.member("Priority", settings.priority).member("MaxRunning", settings.maxRunning);
  to.member("MaxRunningPerKey", settings.maxRunningPerKey);
}

HandlerSettings readHandlerSettings(const Value& object, std::optional<std::string>& problem) {
  constexpr QueueLimits kLimits;
  HandlerSettings to;
  const auto number = [&](const char* name, std::int64_t least, std::int64_t most) -> std::optional<int> {
    const auto member = object.FindMember(name);
    if (member == object.MemberEnd() || member->value.IsNull()) return std::nullopt;
    const bool fits =
        member->value.IsInt64() && member->value.GetInt64() >= least && member->value.GetInt64() <= most;
    if (fits) return member->value.GetInt();
    problem = std::string(name) + " must be a whole number from " + std::to_string(least) + " to " +
              std::to_string(most);
    return std::nullopt;
  };
  to.timeLimitSeconds = number("TimeLimitSeconds", 0, kMostHandlerSeconds).value_or(0);
  to.maxRetries = number("MaxRetries", 0, kLimits.maxRetries).value_or(0);
  to.retryDelaySeconds = number("RetryDelaySeconds", 0, kMostHandlerSeconds);
  to.retryDelayLimitSeconds = number("RetryDelayLimitSeconds", 0, kMostHandlerSeconds);
  to.priority = number("Priority", 0, kLimits.priorityLast);
  to.maxRunning = number("MaxRunning", 0, kMostRunningAtOnce).value_or(0);
  to.maxRunningPerKey = number("MaxRunningPerKey", 0, kMostRunningAtOnce).value_or(0);
  if (const auto word = textMember(object, "OnCrash")) {
    if (const auto onCrash = onCrashOf(*word)) {
      to.onCrash = *onCrash;
    } else {
      problem = "OnCrash must be retry or fail";
    }
  }
  if (const auto queue = textMember(object, "Queue")) {
    if (queue->empty() || isQueueName(*queue)) {
      to.queue = std::string(*queue);
    } else {
      problem = "Queue " + std::string(kQueueNameRule);
    }
  }
  return to;
}

}  // namespace taskqueue::json
