// Making and changing schedules: what of that needs no table. The tables are behind TaskStore.
//
// Belongs to one thread, like its store.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "module/queue/task_queue.h"

namespace taskqueue {

class Schedules {
 public:
  Schedules(TaskStore& store, TaskQueue& queue, const QueueLimits& limits)
      : store_(store), queue_(queue), limits_(limits) {}

  // What is wrong, or the Id. Nothing is written when something is wrong.
  struct Result {
    std::vector<InputError> errors;
    std::optional<int> id;   // of a change: nothing when there is no such schedule
    bool nameTaken = false;  // this is all that is wrong
  };
  // The first firing is the next time from now on that the expression names.
  Result add(const ScheduleDefinition& definition, int createdById);
  // All of it is replaced. It fires at the instant that it waited for, unless that is another one now: the
  // expression, the zone or Enabled has changed.
  Result change(int id, const ScheduleDefinition& definition);
  // What was missed while it was disabled is not made up. `changed` is false when it was so already; nothing
  // when there is no such schedule.
  struct Switched {
    bool changed = false;
  };
  std::optional<Switched> setEnabled(int id, bool enabled);

  // Makes its task now, whatever its time, and also when it is disabled; Overlap counts. Nothing when there
  // is no such schedule; `created` is false when it was skipped.
  std::optional<AddedTask> fire(int id);

  // The next instants of a definition; empty when it never fires, or is wrong.
  std::vector<UnixSeconds> preview(const ScheduleDefinition& definition, int count);

 private:
  std::vector<InputError> check(const ScheduleDefinition& definition, int createdById);

  TaskStore& store_;
  TaskQueue& queue_;
  const QueueLimits& limits_;
};

}  // namespace taskqueue
