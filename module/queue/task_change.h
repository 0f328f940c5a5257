// A change of a task that waits. The handler never changes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// An absent member stays as it is.
struct TaskChange {
  std::optional<std::string> title;
  std::optional<std::string> taskData;
  std::optional<std::string> queue;
  std::optional<int> priority;
  std::optional<int> maxRetries;
  std::optional<UnixSeconds> scheduledOn;
};

enum class ChangeOutcome {
  Changed,         // also if every member had its value already
  Running,         // a runner works on it
  Ended,           // it has ended
  VersionDiffers,  // another change came first
  TooFewTries,     // it has failed as often as MaxRetries would allow
  NoSuchTask,
};

// Names the content of the members that can change.
std::string versionOf(const Task& task);

// Removes the members that the task has already.
TaskChange withoutSame(TaskChange change, const Task& task);
bool isEmpty(const TaskChange& change);
// Returns the task as it will be. A new time is also the next time; a parked task waits again.
Task changed(Task task, const TaskChange& change, UnixSeconds now);
// Says for the audit record what was and what is, such as "Priority 5 → 2". TaskData may hold secrets, so only
// its size is said.
std::string describeChange(const Task& before, const TaskChange& change);

}  // namespace taskqueue
