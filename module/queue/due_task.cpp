#include "module/queue/due_task.h"

namespace taskqueue {

std::string keyAtLimitReason(std::string_view concurrencyKey) {
  return kKeyAtLimitReason + std::string(concurrencyKey);
}

DueJudgement judgeDueTask(const Task& task, UnixSeconds now, HandlerReach reach) {
  const bool ended = task.lastStatus == RunStatus::Success || task.lastStatus == RunStatus::Cancelled;
  if (ended || task.superseded || task.taskRunsFailed >= task.maxRetries) {
    return {.verdict = DueVerdict::Retire, .nextRunOn = std::nullopt, .reason = ""};
  }
  const bool fresh = task.nextRunOn == kNotLookedAt;
  if (fresh && task.scheduledOn && *task.scheduledOn > now) {
    return {.verdict = DueVerdict::Postpone, .nextRunOn = task.scheduledOn, .reason = ""};
  }
  switch (reach) {
    case HandlerReach::Here:
      return {};
    case HandlerReach::Elsewhere:
      return {.verdict = DueVerdict::Postpone, .nextRunOn = now + 1, .reason = ""};
    case HandlerReach::Paused:
      return {.verdict = DueVerdict::Park,
              .nextRunOn = std::nullopt,
              .reason = "the handler " + task.taskHandlerClass + " is paused"};
    case HandlerReach::AtLimit:
      return {.verdict = DueVerdict::Park, .nextRunOn = std::nullopt, .reason = kAtLimitReason};
    case HandlerReach::KeyAtLimit:
      return {.verdict = DueVerdict::Park,
              .nextRunOn = std::nullopt,
              .reason = keyAtLimitReason(task.concurrencyKey.value_or(""))};
    case HandlerReach::Nowhere:
      return {.verdict = DueVerdict::Park,
              .nextRunOn = std::nullopt,
              .reason = kNowhereReason + task.taskHandlerClass};
  }
  return {};
}

}  // namespace taskqueue
