// Keeps schedules and their firings. stores.h has the rules of all roles.
#pragma once

#include <optional>
#include <vector>
#include "module/queue/schedule/firing_plan.h"
#include "module/queue/schedule/schedule.h"
#include "module/queue/store_error.h"
#include "module/queue/task.h"

namespace taskqueue {

enum class ScheduleChange { Changed, NameTaken, NoSuchSchedule };

struct FiringResult {
  // False if another caller has fired it or is about to, or if the schedule was changed or removed.
  bool done = false;
  // One for each task of the plan that was not made before. `created` is false if the firing was skipped.
  std::vector<AddedTask> tasks;
};

class ScheduleStore {
 public:
  virtual ~ScheduleStore() = default;

  virtual std::vector<Schedule> findSchedules(int limit) = 0;  // by Name
  virtual std::optional<Schedule> findSchedule(int id) = 0;
  // Returns the Id, or nothing if the Name is taken.
  virtual std::optional<int> addSchedule(const ScheduleDefinition& definition,
                                         std::optional<UnixSeconds> nextFireOn, int createdById) = 0;
  // Also clears the Problem.
  virtual ScheduleChange changeSchedule(int id, const ScheduleDefinition& definition,
                                        std::optional<UnixSeconds> nextFireOn) = 0;
  // Removes the schedule and the records of its firings, but not the tasks that it made. Returns false if
  // there is no such schedule.
  virtual bool removeSchedule(int id) = 0;
  // Returns the enabled schedules whose NextFireOn is not after `now`, the earliest first.
  virtual std::vector<Schedule> findDueSchedules(UnixSeconds now, int limit) = 0;
  // Creates the plan's tasks, records the outcome of each instant, and sets NextFireOn, all or nothing. An
  // instant that is already recorded makes no second task, whatever NextFireOn is.
  virtual FiringResult fireSchedule(const FiringPlan& plan) = 0;
  virtual std::vector<ScheduleFiring> firingsOfSchedule(int id, int limit) = 0;  // newest first
};

}  // namespace taskqueue
