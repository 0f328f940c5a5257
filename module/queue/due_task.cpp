#include "module/queue/due_task.h"

#include <algorithm>

namespace taskqueue {

std::string keyAtLimitReason(std::string_view concurrencyKey) {
  return kKeyAtLimitReason + std::string(concurrencyKey);
}

bool mayRunAgain(const Task& task) {
  const bool hasEnded = task.lastStatus == RunStatus::Success || task.lastStatus == RunStatus::Cancelled;
  return !hasEnded && !task.superseded && task.taskRunsFailed < task.maxRetries;
}

UnixSeconds firstDueOn(const Task& task, UnixSeconds now) {
  if (task.scheduledOn.value_or(0) > 0) return *task.scheduledOn;
  return task.queuedOn.value_or(0) > 0 ? std::min(*task.queuedOn, now) : now;
}

std::optional<UnixSeconds> dueOn(const Task& task, UnixSeconds now) {
  if (!task.nextRunOn || !mayRunAgain(task)) return std::nullopt;
  return *task.nextRunOn > kUnscheduled ? *task.nextRunOn : firstDueOn(task, now);
}

DueJudgement judgeDueTask(const Task& task, UnixSeconds now, HandlerReach reach) {
  if (!mayRunAgain(task)) {
    return {.verdict = DueVerdict::Retire, .nextRunOn = std::nullopt, .reason = ""};
  }
  const auto due = dueOn(task, now);
  if (due && *due > now) return {.verdict = DueVerdict::Postpone, .nextRunOn = due, .reason = ""};
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
              .reason = kNoRunnerReason + task.taskHandlerClass};
  }
  return {};
}

}  // namespace taskqueue
