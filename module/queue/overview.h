// What tells at a glance how the queue is: counts, rates, what runs, what failed.
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

// How many of the tasks that no runner has looked at yet are read, in the order of their Ids, to find the one
// that is due longest. They are in no order of their dates; reading ends with the first portion that has a
// due one.
inline constexpr int kMostUnseenRead = 100'000;
inline constexpr int kUnseenPortion = 2000;

struct QueueNumbers {
  BoundedCount waiting;                  // may be claimed now or later
  std::optional<UnixSeconds> oldestDue;  // since when the one that waits longest is due: dueOn()
  int oldestTaskId = 0;                  // that one; 0: none is due
  BoundedCount running;
  UnixSeconds now = 0;
};

struct QueueDepth {
  std::string queue;
  BoundedCount waiting;
  std::optional<UnixSeconds> oldestDue;
  int oldestTaskId = 0;
};

// An open run and its task, for a list.
struct RunningTask {
  Run run;  // without its output and results
  std::string taskHandlerClass;
  std::string title;
};

// A task that has failed, and how.
struct FailedTask {
  int taskQueueId = 0;
  int runId = 0;
  std::string taskHandlerClass;
  std::string title;
  std::string errorCode;
  std::string errorMessage;
  std::optional<UnixSeconds> finishedOn;
};

// What ended in a span of time.
struct MinuteSums {
  UnixSeconds from = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  std::int64_t runMsTotal = 0;
  std::int64_t firstRuns = 0;
  std::int64_t waitSecondsTotal = 0;

  std::int64_t ended() const { return succeeded + failed + cancelled; }
};

// How long runs took, in buckets each a fifth longer than the one before: exact enough for a percentile.
class RunTimes {
 public:
  // "bucket:runs bucket:runs …", as TaskQueueMinutes.RunMsHistogram has it. What is malformed counts for
  // nothing.
  void add(std::string_view histogram);
  // Milliseconds that this part (0 … 1) of the runs did not exceed; nothing when there is none.
  std::optional<std::int64_t> percentile(double part) const;

  static int bucketOf(std::int64_t milliseconds);

 private:
  std::map<int, std::int64_t> runs_;  // by bucket
};

struct HandlerSums {
  MinuteSums sums;
  RunTimes times;
};

}  // namespace taskqueue
