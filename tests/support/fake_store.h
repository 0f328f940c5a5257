// Keeps a store in memory, by the rules of module/design/rules.md in the plainest words. MariaDB is
// compared with it. A test may derive from one role and give it to the code instead.
#pragma once

#include "tests/support/fake_tables.h"

namespace taskqueue::test_support {

class FakeTasks : public TaskStore {
 public:
  explicit FakeTasks(FakeTables& tables) : tables_(tables) {}

  InsertOutcome insertTasks(std::span<const NewTask> tasks,
                            const std::optional<IdempotencyKey>& key) override;
  std::optional<Task> findTask(int id) override;
  std::vector<Task> findTasks(const TaskFilter& filter) override;
  std::optional<Run> findRun(int id) override;
  std::vector<Run> runsOfTask(int taskQueueId) override;
  std::optional<OutputSlice> readOutput(int runId, OutputStream stream, std::int64_t offset,
                                        std::int64_t limit) override;
  std::vector<RunFile> filesOfRun(int runId) override;
  std::optional<std::string> readRunFile(int runId, std::string_view name) override;
  CancelOutcome cancelTask(int id) override;
  RetryOutcome retryTask(int id, std::optional<RunStatus> onlyIf) override;
  ChangeOutcome changeTask(int id, const TaskChange& change,
                           const std::optional<std::string>& onlyIf) override;
  std::optional<WaitFacts> findWaitFacts(int taskId) override;
  TaskNotification findNotification(int taskQueueId) override { return tables_.tasks.at(taskQueueId).notify; }

 private:
  FakeTables& tables_;
};

class FakeRunners : public RunnerStore {
 public:
  explicit FakeRunners(FakeTables& tables) : tables_(tables) {}

  int registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) override;
  void announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) override;
  std::vector<RunOwnership> activeRuns(int taskRunnerId) override;
  HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) override;
  SyncResult sync(const SyncRequest& request) override;
  std::int64_t newestTask() override;
  void endRunner(int taskRunnerId) override;
  bool timeOutRunner(int taskRunnerId, const RescuePolicy& policy) override;
  std::vector<int> findEndedRunnersWithRuns(int limit) override;
  std::vector<Runner> findRunners(bool onlyRunning, int limit) override;
  bool requestDrain(int taskRunnerId) override;
  bool requestStop(int taskRunnerId) override;
  void count(Counter counter, std::int64_t by) override { tables_.counters[counter] += by; }

 private:
  FakeTables& tables_;
};

class FakeMaintenance : public MaintenanceStore {
 public:
  explicit FakeMaintenance(FakeTables& tables) : tables_(tables) {}

  std::vector<int> findTasksMissingRun(int limit) override;
  std::optional<int> createRunIfAllowed(int taskQueueId) override;
  std::vector<int> findInconsistentTasks(int limit) override;
  bool recountTask(int taskQueueId) override;
  PrunedTasks pruneTasks(UnixSeconds endedBefore, int max) override;
  int pruneRecords(RecordKind kind, UnixSeconds before, int max) override;
  void markOverseer() override { tables_.overseerMarkedOn = tables_.now; }
  std::optional<UnixSeconds> overseerMarkedOn() override { return tables_.overseerMarkedOn; }
  void markFallbackPass() override;
  OverseerFacts findOverseerFacts() override;

 private:
  FakeTables& tables_;
};

class FakeHandlers : public HandlerStore {
 public:
  explicit FakeHandlers(FakeTables& tables) : tables_(tables) {}

  std::vector<HandlerDeclaration> findHandlers() override;
  std::optional<HandlerDeclaration> findHandler(std::string_view taskHandlerClass) override;
  using HandlerStore::setPaused;
  bool setPaused(PauseKind kind, std::string_view name, bool paused, int byId,
                 const PauseTerms& terms) override;
  int endPauses() override;
  std::vector<Pause> findPauses() override;
  HandlerLimits setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                std::optional<int> maxRunningPerKey, int byId) override;
  RunnerLimit findRunnerLimit() override;
  bool setTaskRunnerLimit(int limit, std::optional<int> onlyIf) override;

 private:
  FakeTables& tables_;
};

class FakeSchedules : public ScheduleStore {
 public:
  explicit FakeSchedules(FakeTables& tables) : tables_(tables) {}

  std::vector<Schedule> findSchedules(int limit) override;
  std::optional<Schedule> findSchedule(int id) override;
  std::optional<int> addSchedule(const ScheduleDefinition& definition, std::optional<UnixSeconds> nextFireOn,
                                 int createdById) override;
  ScheduleChange changeSchedule(int id, const ScheduleDefinition& definition,
                                std::optional<UnixSeconds> nextFireOn) override;
  bool removeSchedule(int id) override;
  std::vector<Schedule> findDueSchedules(UnixSeconds now, int limit) override;
  FiringResult fireSchedule(const FiringPlan& plan) override;
  std::vector<ScheduleFiring> firingsOfSchedule(int id, int limit) override;

 private:
  FakeTables& tables_;
};

class FakeStatistics : public StatisticsStore {
 public:
  explicit FakeStatistics(FakeTables& tables) : tables_(tables) {}

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
  FakeTables& tables_;
};

class FakeErrors : public ErrorStore {
 public:
  explicit FakeErrors(FakeTables& tables) : tables_(tables) {}

  std::vector<ErrorGroup> findErrorGroups(const ErrorGroupFilter& filter) override;
  std::vector<ErrorPart> readErrorParts(const std::vector<int>& groupIds, UnixSeconds from,
                                        int seconds) override;
  std::map<int, ErrorGroupTasks> countTasksOfErrorGroups(int max) override;
  bool setErrorGroupState(int id, ErrorGroupState state) override;

 private:
  FakeTables& tables_;
};

class FakeAudit : public AuditLog {
 public:
  explicit FakeAudit(FakeTables& tables) : tables_(tables) {}

  void actAs(Actor actor) override { tables_.actor = std::move(actor); }
  std::vector<AuditEntry> auditOfTask(int taskQueueId, int limit) override;
  std::vector<AuditEntry> findAudit(int limit) override;
  AuditPage searchAudit(const AuditFilter& filter, int limit) override;

 private:
  FakeTables& tables_;
};

class FakeClock : public DatabaseClock {
 public:
  explicit FakeClock(FakeTables& tables) : tables_(tables) {}

  UnixSeconds now() override { return tables_.now; }

 private:
  FakeTables& tables_;
};

struct FakeStore {
  FakeTables tables;
  FakeTasks tasks{tables};
  FakeRunners runners{tables};
  FakeMaintenance maintenance{tables};
  FakeHandlers handlers{tables};
  FakeSchedules schedules{tables};
  FakeStatistics statistics{tables};
  FakeErrors errors{tables};
  FakeAudit audit{tables};
  FakeClock clock{tables};

  FakeStore() = default;
  FakeStore(const FakeStore&) = delete;
  FakeStore& operator=(const FakeStore&) = delete;

  Stores roles() {
    return {tasks, runners, maintenance, handlers, schedules, statistics, errors, audit, clock};
  }
};

}  // namespace taskqueue::test_support
