#include "module/json/handler_settings.h"

#include "module/json/number.h"
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
  const auto number = [&](const char* name, const NumberDomain& domain) -> std::optional<int> {
    const auto member = object.FindMember(name);
    if (member == object.MemberEnd() || member->value.IsNull()) return std::nullopt;
    if (const auto given = numberOf(member->value, domain)) return static_cast<int>(*given);
    problem = std::string(name) + " " + ruleOf(domain);
    return std::nullopt;
  };
  const auto text = [&](const char* name) {
    const auto member = object.FindMember(name);
    const bool isNoText =
        member != object.MemberEnd() && !member->value.IsNull() && !member->value.IsString();
    if (isNoText) problem = std::string(name) + " must be a string";
    return textMember(object, name);
  };
  constexpr NumberDomain kSeconds{0, kMostHandlerSeconds, Fraction::RoundsUp};
  constexpr NumberDomain kAtOnce{0, kMostRunningAtOnce};
  to.timeLimitSeconds = number("TimeLimitSeconds", kSeconds).value_or(0);
  to.maxRetries = number("MaxRetries", {0, kLimits.maxRetries}).value_or(0);
  to.retryDelaySeconds = number("RetryDelaySeconds", kSeconds);
  to.retryDelayLimitSeconds = number("RetryDelayLimitSeconds", kSeconds);
  to.priority = number("Priority", {0, kLimits.priorityLast});
  to.maxRunning = number("MaxRunning", kAtOnce).value_or(0);
  to.maxRunningPerKey = number("MaxRunningPerKey", kAtOnce).value_or(0);
  if (const auto word = text("OnCrash")) {
    if (const auto onCrash = onCrashOf(*word)) {
      to.onCrash = *onCrash;
    } else {
      problem = "OnCrash must be retry or fail";
    }
  }
  if (const auto queue = text("Queue")) {
    if (queue->empty() || isQueueName(*queue)) {
      to.queue = std::string(*queue);
    } else {
      problem = "Queue " + std::string(kQueueNameRule);
    }
  }
  return to;
}

}  // namespace taskqueue::json
