#include "module/queue/task_state.h"

#include <algorithm>
#include <utility>

namespace taskqueue {
namespace {

constexpr std::array<std::pair<TaskState, std::string_view>, kAllTaskStates.size()> kTaskStateNames{{
    {TaskState::Waiting, "waiting"},
    {TaskState::Retrying, "retrying"},
    {TaskState::Parked, "parked"},
    {TaskState::Running, "running"},
    {TaskState::Succeeded, "succeeded"},
    {TaskState::Failed, "failed"},
    {TaskState::Lost, "lost"},
    {TaskState::Cancelled, "cancelled"},
}};

constexpr unsigned kParkedPlace = static_cast<unsigned>(TaskPlace::Parked);
constexpr unsigned kClaimablePlace = static_cast<unsigned>(TaskPlace::Claimable);
constexpr unsigned kIdlePlace = static_cast<unsigned>(TaskPlace::Idle);

}  // namespace

std::string_view toString(TaskState state) {
  for (const auto& [one, word] : kTaskStateNames) {
    if (one == state) return word;
  }
  return {};
}

std::optional<TaskState> parseTaskState(std::string_view word) {
  for (const auto& [state, one] : kTaskStateNames) {
    if (one == word) return state;
  }
  return std::nullopt;
}

const std::vector<TaskStateRule>& taskStateRules() {
  using enum RunStatus;
  static const std::vector<TaskStateRule> rules{
      {TaskState::Waiting, {Scheduled}, kClaimablePlace | kIdlePlace},
      {TaskState::Retrying, {Error, Timeout}, kClaimablePlace},
      {TaskState::Parked, {Scheduled, Error, Timeout}, kParkedPlace},
      {TaskState::Running, {Running}, kAnyTaskPlace},
      {TaskState::Succeeded, {Success}, kAnyTaskPlace},
      {TaskState::Failed, {Error}, kIdlePlace},
      {TaskState::Lost, {Timeout}, kIdlePlace},
      {TaskState::Cancelled, {Cancelled}, kAnyTaskPlace},
  };
  return rules;
}

const TaskStateRule& ruleOf(TaskState state) {
  const auto& rules = taskStateRules();
  return *std::find_if(rules.begin(), rules.end(),
                       [&](const TaskStateRule& rule) { return rule.state == state; });
}

TaskPlace placeOf(const Task& task) {
  if (!task.parkedReason.empty()) return TaskPlace::Parked;
  return task.nextRunOn ? TaskPlace::Claimable : TaskPlace::Idle;
}

TaskState stateOf(RunStatus lastStatus, TaskPlace place) {
  const auto& rules = taskStateRules();
  return std::find_if(rules.begin(), rules.end(),
                      [&](const TaskStateRule& rule) {
                        const bool hasStatus = std::find(rule.statuses.begin(), rule.statuses.end(),
                                                         lastStatus) != rule.statuses.end();
                        return hasStatus && (rule.places & static_cast<unsigned>(place)) != 0;
                      })
      ->state;
}

TaskState stateOf(const Task& task) {
  return stateOf(task.lastStatus, placeOf(task));
}

TaskState stateOfRun(RunStatus status) {
  return stateOf(status, TaskPlace::Idle);
}

bool isLive(TaskState state) {
  return state == TaskState::Waiting || state == TaskState::Retrying || state == TaskState::Parked ||
         state == TaskState::Running;
}

}  // namespace taskqueue
