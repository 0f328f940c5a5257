#include "module/json/handler_settings.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "module/json/number.h"
#include "module/queue/limits.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::json {
namespace {

constexpr std::array<std::string_view, 13> kMembers{"TaskHandlerClass",  "DataSchema",
                                                    "TimeLimitSeconds",  "MaxRetries",
                                                    "RetryDelaySeconds", "RetryDelayLimitSeconds",
                                                    "RetryDelays",       "UniqueSeconds",
                                                    "OnCrash",           "Queue",
                                                    "Priority",          "MaxRunning",
                                                    "MaxRunningPerKey"};

bool isGiven(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && !member->value.IsNull();
}

std::optional<std::string> findUnknown(const Value& object) {
  for (const auto& member : object.GetObject()) {
    const std::string_view name = textOf(member.name);
    if (std::find(kMembers.begin(), kMembers.end(), name) == kMembers.end())
      return std::string(cutAtCharacter(name, kQuotedBytes));
  }
  return std::nullopt;
}

constexpr NumberDomain kSeconds{0, kMaxHandlerSeconds, Fraction::RoundsUp};

// Returns nothing if the value is no list of delays.
std::optional<std::vector<int>> readRetryDelays(const Value& list) {
  if (!list.IsArray() || list.Size() > kMaxRetryDelays) return std::nullopt;
  std::vector<int> delays;
  for (const auto& item : list.GetArray()) {
    const auto seconds = readNumber(item, kSeconds);
    if (!seconds) return std::nullopt;
    delays.push_back(static_cast<int>(*seconds));
  }
  return delays;
}

}  // namespace

void writeHandlerSettings(Writer& to, const HandlerSettings& settings, Undeclared undeclared) {
  const auto number = [&](const char* name, int value) {
    const bool isNull = value == 0 && undeclared == Undeclared::IsNull;
    to.member(name, isNull ? std::nullopt : std::optional(value));
  };
  number("TimeLimitSeconds", settings.timeLimitSeconds);
  number("MaxRetries", settings.maxRetries);
  to.member("RetryDelaySeconds", settings.retryDelaySeconds);
  to.member("RetryDelayLimitSeconds", settings.retryDelayLimitSeconds);
  if (!settings.retryDelays.empty()) {
    to.key("RetryDelays").startArray();
    for (const int seconds : settings.retryDelays) to.value(seconds);
    to.endArray();
  }
  number("UniqueSeconds", settings.uniqueSeconds);
  to.member("OnCrash", toString(settings.onCrash));
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
    if (const auto given = readNumber(member->value, domain)) return static_cast<int>(*given);
    problem = std::string(name) + " " + describeRule(domain);
    return std::nullopt;
  };
  constexpr NumberDomain kAtOnce{0, kMaxRunningAtOnce};
  to.timeLimitSeconds = number("TimeLimitSeconds", kSeconds).value_or(0);
  to.maxRetries = number("MaxRetries", {0, kLimits.maxRetries}).value_or(0);
  to.retryDelaySeconds = number("RetryDelaySeconds", kSeconds);
  to.retryDelayLimitSeconds = number("RetryDelayLimitSeconds", kSeconds);
  to.uniqueSeconds = number("UniqueSeconds", {0, kLimits.uniqueSeconds, Fraction::RoundsUp}).value_or(0);
  if (isGiven(object, "RetryDelays")) {
    const auto delays = readRetryDelays(object["RetryDelays"]);
    if (!delays) {
      problem = "RetryDelays must be a list of at most " + std::to_string(kMaxRetryDelays) +
                " numbers from 0 to " + std::to_string(kMaxHandlerSeconds);
    }
    to.retryDelays = delays.value_or(to.retryDelays);
  }
  to.priority = number("Priority", {0, kLimits.priorityLast});
  to.maxRunning = number("MaxRunning", kAtOnce).value_or(0);
  to.maxRunningPerKey = number("MaxRunningPerKey", kAtOnce).value_or(0);
  if (isGiven(object, "OnCrash")) {
    const auto onCrash = parseOnCrash(textMember(object, "OnCrash").value_or(""));
    if (!onCrash) problem = "OnCrash must be retry or fail";
    to.onCrash = onCrash.value_or(to.onCrash);
  }
  if (isGiven(object, "Queue")) {
    const auto queue = textMember(object, "Queue");
    const bool fits = queue && (queue->empty() || isQueueName(*queue));
    if (!fits) problem = "Queue " + std::string(kQueueNameRule);
    if (fits) to.queue = std::string(*queue);
  }
  if (const auto unknown = findUnknown(object); unknown && !problem)
    problem = *unknown + " is no setting of a handler";
  return to;
}

}  // namespace taskqueue::json
