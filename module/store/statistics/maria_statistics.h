// Reads the figures of pages, metrics and health checks from MariaDB.
#pragma once

#include "module/queue/store/statistics_store.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class MariaStatistics : public StatisticsStore {
 public:
  explicit MariaStatistics(StoreContext& context) : context_(context), connection_(context.connection) {}

  TaskGrid readTaskGrid(const TaskGridRequest& request) override;
  BoundedCount countUpTo(const TaskFilter& filter, int max) override;
  QueueNumbers readQueueNumbers(int max) override;
  std::map<TaskState, BoundedCount> countByState(int max) override;
  std::vector<QueueDepth> readQueueDepths(int limit, int max) override;
  std::vector<RunningTask> findRunningTasks(int limit) override;
  std::map<int, Run> findNewestRuns(const std::vector<int>& taskIds) override;
  int rollUpMinutes(int limit) override;
  std::vector<MinuteStats> readMinutes(UnixSeconds from, int seconds) override;
  std::map<std::string, HandlerStats> readHandlerStats(UnixSeconds from) override;
  std::map<UnixSeconds, HandlerStats> readHandlerParts(std::string_view taskHandlerClass, UnixSeconds from,
                                                       UnixSeconds until, int seconds) override;
  std::map<std::string, MinuteStats> readMinutesByQueue(UnixSeconds from) override;
  HealthFacts readHealthFacts(std::int64_t spanSeconds) override;
  HandlerOutcome readOutcomeOfHandler(std::string_view taskHandlerClass, UnixSeconds from,
                                      UnixSeconds until) override;
  std::map<Counter, std::int64_t> readCounters() override;

 private:
  StoreContext& context_;
  Connection& connection_;
};

}  // namespace taskqueue::store
