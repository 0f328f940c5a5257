// Figures for the overview page: counts, rates, running tasks and failed tasks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "module/queue/run.h"
#include "module/queue/task.h"
#include "module/queue/task_grid.h"

namespace taskqueue {

// Limits on reading new tasks (NextRunOn = 0) to find the oldest due one. They are read in the order of their
// Ids, which is not the order of their dates. Reading stops after the first batch that has a due task.
inline constexpr int kMaxNewTasksRead = 100'000;
inline constexpr int kNewTasksBatch = 2000;

struct QueueNumbers {
  BoundedCount waiting;                  // tasks that may be claimed now or later
  std::optional<UnixSeconds> oldestDue;  // the earliest dueOn() among the due tasks
  int oldestTaskId = 0;                  // the task of `oldestDue`; 0: none is due
  BoundedCount running;
  UnixSeconds now = 0;
};

struct QueueDepth {
  std::string queue;
  BoundedCount waiting;
  std::optional<UnixSeconds> oldestDue;
  int oldestTaskId = 0;
};

// A list item for an open run and its task.
struct RunningTask {
  Run run;  // without its output and results
  std::string taskHandlerClass;
  std::string title;
};

// Statistics of the runs that ended in a span of time.
struct MinuteStats {
  UnixSeconds from = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  std::int64_t runMsTotal = 0;
  std::int64_t firstRuns = 0;
  std::int64_t waitSecondsTotal = 0;

  std::int64_t ended() const { return succeeded + failed + cancelled; }
};

// A histogram of run times. Each bucket is about a fifth longer than the one before, which is exact enough
// for percentiles.
class RunTimes {
 public:
  // Adds a histogram in the form "bucket:runs bucket:runs …" of TaskQueueMinutes.RunMsHistogram. Reading
  // stops at the first malformed entry.
  void add(std::string_view histogram);
  // Returns the histogram in the same form.
  std::string histogram() const;
  // Returns the milliseconds that this share (0 … 1) of the runs did not exceed; nothing if there are no
  // runs.
  std::optional<std::int64_t> percentile(double part) const;

  static int bucketOf(std::int64_t milliseconds);

 private:
  std::map<int, std::int64_t> runs_;  // number of runs by bucket
};

struct HandlerStats {
  MinuteStats sums;
  RunTimes times;
};

}  // namespace taskqueue
