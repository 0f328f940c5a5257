// Reads the figures of pages, metrics and health checks. stores.h has the rules of all roles.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>
#include "module/queue/counter.h"
#include "module/queue/health_facts.h"
#include "module/queue/overview.h"
#include "module/queue/store_error.h"
#include "module/queue/task_grid.h"
#include "module/queue/task_state.h"

namespace taskqueue {

class StatisticsStore {
 public:
  virtual ~StatisticsStore() = default;

  virtual TaskGrid readTaskGrid(const TaskGridRequest& request) = 0;
  // Counts the tasks that the filter matches, up to `max`; ignores the filter's limit. It reads at least one
  // batch of rows, and stops after a fraction of a second.
  virtual BoundedCount countUpTo(const TaskFilter& filter, int max) = 0;
  virtual QueueNumbers readQueueNumbers(int max) = 0;
  // Counts the tasks of each state, up to `max`. Of a status with more tasks, only the newest are told apart.
  virtual std::map<TaskState, BoundedCount> countByState(int max) = 0;
  // Returns the queues that hold or held tasks in alphabetical order, with their waiting tasks counted up to
  // `max`.
  virtual std::vector<QueueDepth> readQueueDepths(int limit, int max) = 0;
  // Returns the newest tasks first.
  virtual std::vector<RunningTask> findRunningTasks(int limit) = 0;
  // Returns the newest run of each of these tasks that has one, without its output and results.
  virtual std::map<int, Run> findNewestRuns(const std::vector<int>& taskIds) = 0;
  // Writes the statistics of the oldest complete minutes that have none, at most `limit`, and those of
  // complete hours. Groups the failed runs of these minutes by their errors (ErrorStore). Prunes minutes
  // older than eight days, and hours older than kHoursKeptSeconds. Returns the number of minutes. Any number
  // of programs may call this at the same time.
  virtual int rollUpMinutes(int limit) = 0;
  // Returns the statistics from `from` on, in intervals of `seconds`. Intervals in which no run ended are
  // left out.
  virtual std::vector<MinuteStats> readMinutes(UnixSeconds from, int seconds) = 0;
  // Returns the sums of the minutes from `from` on, by handler class.
  virtual std::map<std::string, HandlerStats> readHandlerStats(UnixSeconds from) = 0;
  // Returns the sums of one handler from `from` until `until`, in intervals of `seconds`, which are whole
  // hours.
  virtual std::map<UnixSeconds, HandlerStats> readHandlerParts(std::string_view taskHandlerClass,
                                                               UnixSeconds from, UnixSeconds until,
                                                               int seconds) = 0;
  virtual std::map<std::string, MinuteStats> readMinutesByQueue(UnixSeconds from) = 0;
  // Includes the outcomes of handlers and the lost runners of the last `spanSeconds`.
  virtual HealthFacts readHealthFacts(std::int64_t spanSeconds) = 0;
  // Counts the runs that succeeded and failed in the minutes from `from` on and before `until`.
  virtual HandlerOutcome readOutcomeOfHandler(std::string_view taskHandlerClass, UnixSeconds from,
                                              UnixSeconds until) = 0;
  virtual std::map<Counter, std::int64_t> readCounters() = 0;  // every counter has a value
};

}  // namespace taskqueue
