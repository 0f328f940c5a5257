// Creates and changes schedules. Rules that need no table are here; ScheduleStore accesses the tables.
//
// An object belongs to one thread, like its store.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "module/queue/task_queue.h"

namespace taskqueue {

class Schedules {
 public:
  Schedules(const Stores& stores, TaskQueue& queue, const QueueLimits& limits)
      : schedules_(stores.schedules),
        handlers_(stores.handlers),
        clock_(stores.clock),
        queue_(queue),
        limits_(limits) {}

  // The errors, or the Id. If there are errors, nothing was written.
  struct Result {
    std::vector<InputError> errors;
    std::optional<int> id;   // absent after change() if there is no such schedule
    bool nameTaken = false;  // the taken Name is the only error
  };
  // The first firing is the next time after now that the expression names.
  Result add(const ScheduleDefinition& definition, int createdById);
  // Replaces the whole definition. NextFireOn changes only if the expression, the zone or Enabled has
  // changed.
  Result change(int id, const ScheduleDefinition& definition);
  // Enables or disables a schedule. Instants missed while it was disabled are not made up. `changed` is false
  // if it was in this state already. Returns nothing if there is no such schedule.
  struct Switched {
    bool changed = false;
  };
  std::optional<Switched> setEnabled(int id, bool enabled);

  // Removes the schedule and the records of its firings, but not the tasks that it made. Returns false if
  // there is no such schedule.
  bool remove(int id);

  // Fires the schedule now, whatever its time, even if it is disabled. Overlap still applies; `created` is
  // false if the firing was skipped. Returns nothing if there is no such schedule.
  std::optional<AddedTask> fire(int id);

  // Returns the next instants of a definition. The list is empty if it never fires or has errors.
  std::vector<UnixSeconds> preview(const ScheduleDefinition& definition, int count);

 private:
  std::vector<InputError> check(const ScheduleDefinition& definition, int createdById);

  ScheduleStore& schedules_;
  HandlerStore& handlers_;
  DatabaseClock& clock_;
  TaskQueue& queue_;
  const QueueLimits& limits_;
};

}  // namespace taskqueue
