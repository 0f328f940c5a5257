// The states of tasks in the words of people. This is the only place that maps the statuses of the tables to
// them; pages, filters, counts, exports and SQL follow it.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

enum class TaskState { Waiting, Retrying, Parked, Running, Succeeded, Failed, Lost, Cancelled };

inline constexpr std::array kAllTaskStates{TaskState::Waiting, TaskState::Retrying,  TaskState::Parked,
                                           TaskState::Running, TaskState::Succeeded, TaskState::Failed,
                                           TaskState::Lost,    TaskState::Cancelled};

std::string_view toString(TaskState state);  // waiting, retrying, …
std::optional<TaskState> parseTaskState(std::string_view word);
// The words, for a message about a wrong one.
inline constexpr const char* kTaskStateWords =
    "waiting, retrying, parked, running, succeeded, failed, lost or cancelled";

// Says whether a task is parked, may be claimed, or neither. The values are bits of a set.
enum class TaskPlace : unsigned { Parked = 1, Claimable = 2, Idle = 4 };
inline constexpr unsigned kAnyTaskPlace = 7;

// A task is in the state if its LastStatus is one of `statuses` and its place one of the set `places`.
struct TaskStateRule {
  TaskState state;
  std::vector<RunStatus> statuses;
  unsigned places;
};

// Returns the rules. Exactly one of them holds for each pair of a status and a place.
const std::vector<TaskStateRule>& taskStateRules();
const TaskStateRule& ruleOf(TaskState state);

TaskPlace placeOf(const Task& task);
TaskState stateOf(RunStatus lastStatus, TaskPlace place);
TaskState stateOf(const Task& task);
// A run is shown by the word of a task that has ended so, or has not started.
TaskState stateOfRun(RunStatus status);

// Returns whether a task in this state may still get a run, or has one.
bool isLive(TaskState state);

}  // namespace taskqueue
