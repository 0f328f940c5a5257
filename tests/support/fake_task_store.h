// TaskStore in memory: the rules of module/design/rules.md in the plainest words, against which MariaDB is
// compared. Its clock moves only when told to.
//
// Rows are public, because a CMS can write anything into the tables too.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "module/queue/due_task.h"
#include "module/queue/task_store.h"

namespace taskqueue::test_support {

struct FakeTask {
  Task task;
  std::optional<std::string> activeKey;  // the unique key while the task is live
  int forgivenAttempt = 0;               // failures up to this attempt do not count
  std::optional<UnixSeconds> uniqueUntil;
  TaskNotification notify;
};

struct FakeChunk {
  OutputStream stream = OutputStream::StandardOutput;
  std::int64_t position = 0;
  std::string content;
};

struct FakeFile {
  std::string contentType;
  std::string content;
};

struct FakeRun {
  Run run;
  std::string token;
  std::string standardOutput;
  std::string errorOutput;
  std::vector<FakeChunk> chunks;  // output while the run is running
  std::map<std::string, FakeFile> files;
};

struct FakeRunner {
  Runner runner;
};

// A row of TaskHandlers.
struct FakeAnnouncement {
  int runnerId = 0;
  HandlerDeclaration handler;
  std::optional<UnixSeconds> withdrawnOn;
};

struct FakeLimit {
  int maxRunning = 0;
  int maxRunningPerKey = 0;
  bool declaredByHandler = false;
};

struct FakeRequest {
  UnixSeconds createdOn = 0;
  std::string hash;
  std::vector<AddedTask> tasks;
};

class FakeTaskStore : public TaskStore {
 public:
  InsertOutcome insertTasks(std::span<const NewTask> tasks,
                            const std::optional<IdempotencyKey>& key) override;

  UnixSeconds now() override { return now_; }
  std::optional<Task> findTask(int id) override;
  std::vector<Task> findTasks(const TaskFilter& filter) override;
  std::optional<Run> findRun(int id) override;
  std::vector<Run> runsOfTask(int taskQueueId) override;
  std::optional<OutputSlice> readOutput(int runId, OutputStream stream, std::int64_t offset,
                                        std::int64_t limit) override;
  std::vector<RunFile> filesOfRun(int runId) override;
  std::optional<std::string> readRunFile(int runId, std::string_view name) override;
  std::vector<Runner> findRunners(bool onlyRunning, int limit) override;
  std::vector<HandlerDeclaration> findHandlers() override;
  std::optional<HandlerDeclaration> findHandler(std::string_view taskHandlerClass) override;
  RunnerLimit findRunnerLimit() override;

  CancelOutcome cancelTask(int id) override;
  RetryOutcome retryTask(int id, std::optional<RunStatus> onlyIf) override;
  bool setPaused(PauseKind kind, std::string_view name, bool paused, int byId) override;
  std::vector<Pause> findPauses() override;
  HandlerLimits setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                std::optional<int> maxRunningPerKey, int byId) override;
  bool setTaskRunnerLimit(int limit, std::optional<int> onlyIf) override;
  std::optional<WaitFacts> findWaitFacts(int taskId) override;
  TaskNotification findNotification(int taskQueueId) override { return tasks.at(taskQueueId).notify; }

  std::vector<int> findTasksMissingRun(int limit) override;
  std::optional<int> createRunIfAllowed(int taskQueueId) override;
  bool timeOutRunner(int taskRunnerId, const RescuePolicy& policy) override;
  std::vector<int> findEndedRunnersWithRuns(int limit) override;
  std::vector<int> findInconsistentTasks(int limit) override;
  bool recountTask(int taskQueueId) override;

  int registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) override;
  void announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) override;
  std::vector<RunOwnership> activeRuns(int taskRunnerId) override;
  HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) override;
  SyncResult sync(const SyncRequest& request) override;
  void endRunner(int taskRunnerId) override;
  void count(Counter counter, std::int64_t by) override { counters[counter] += by; }
  std::map<Counter, std::int64_t> readCounters() override;

  // Pages
  void actAs(Actor actor) override { actor_ = std::move(actor); }
  std::vector<AuditEntry> auditOfTask(int taskQueueId, int limit) override;
  std::vector<AuditEntry> findAudit(int limit) override;
  TaskGrid readTaskGrid(const TaskGridRequest& request) override;
  BoundedCount countUpTo(const TaskFilter& filter, int max) override;
  QueueNumbers readQueueNumbers(int max) override;
  std::map<RunStatus, BoundedCount> countByStatus(int max) override;
  std::vector<QueueDepth> readQueueDepths(int limit, int max) override;
  std::vector<RunningTask> findRunningTasks(int limit) override;
  std::vector<FailedTask> findFailedTasks(int limit) override;
  int rollUpMinutes(int limit) override;
  std::vector<MinuteStats> readMinutes(UnixSeconds from, int seconds) override;
  std::map<std::string, HandlerStats> readMinutesByHandler(UnixSeconds from) override;
  std::map<std::string, MinuteStats> readMinutesByQueue(UnixSeconds from) override;
  HealthFacts readHealthFacts(std::int64_t spanSeconds) override;
  HandlerOutcome readOutcomeOfHandler(std::string_view taskHandlerClass, UnixSeconds from,
                                      UnixSeconds until) override;
  void markOverseer() override { overseerMarkedOn_ = now_; }
  std::optional<UnixSeconds> overseerMarkedOn() override { return overseerMarkedOn_; }
  bool requestDrain(int taskRunnerId) override;
  bool requestStop(int taskRunnerId) override;

  // Schedules
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
  void markFallbackPass() override;
  OverseerFacts findOverseerFacts() override;

  // Pruning. The model has no checkpoints.
  PrunedTasks pruneTasks(UnixSeconds endedBefore, int max) override;
  int pruneRecords(RecordKind kind, UnixSeconds before, int max) override;

  // ── changes from outside the queue ──
  void advance(std::chrono::seconds by) { now_ += by.count(); }
  // A row as the CMS inserts it, before any process has seen it.
  int insertRow(Task task);

  std::map<int, FakeTask> tasks;
  std::map<int, FakeRun> runs;
  std::map<int, FakeRunner> runners;
  std::map<std::pair<PauseKind, std::string>, Pause> pauses;
  std::map<std::string, FakeLimit> handlerLimits;
  std::map<int, Schedule> schedules;
  std::map<int, std::vector<ScheduleFiring>> firings;
  std::map<Counter, std::int64_t> counters;
  std::vector<FakeAnnouncement> announcements;  // the newest last
  int runnerLimit = 2;
  std::optional<RunnerLimit> oddRunnerLimit;  // the setting's row is missing or holds no number
  std::vector<TableIds> tableIds;             // returned unchanged
  std::int64_t packetBytes = 16 << 20;
  int gridBatch = INT32_MAX;  // rows that one page request reads at most

 private:
  FakeRun* openRunOf(int taskQueueId);
  FakeRun* ownedRun(const RunOwnership& owned);
  bool mayHaveRun(const FakeTask& row) const;
  int lastAttemptOf(int taskQueueId, bool endedOnly) const;
  FakeRun& addRun(int taskQueueId, RunStatus status);
  int addTask(const NewTask& task);
  void supersede(int id);
  void notifyCompleted(int id);
  void declareLimit(const HandlerDeclaration& handler);
  void endRun(FakeRun& row, const RunEnd& end);
  void release(FakeRun& row, const RunRelease& release);
  void addChunk(const OutputChunk& chunk);
  using Place = std::pair<std::int64_t, int>;       // NextRunOn, Id
  using Line = std::tuple<std::string, int, bool>;  // queue, priority, whether of new rows
  struct ClaimWork;
  void claim(const SyncRequest& request, SyncResult& result);
  void claimLine(ClaimWork& work, const Line& line);
  void searchLine(ClaimWork& work, const Line& line, Place behind);
  // Due tasks behind this place, in the order of claims; of these classes that are not paused, or of all.
  std::vector<Place> dueBehind(const Line& line, const Place& behind,
                               const std::vector<std::string>* classes) const;
  Place latestSearched(const Line& line) const;
  void searchAgainFrom(UnixSeconds nextRunOn);
  void take(ClaimWork& work, const std::vector<Place>& places);
  DueJudgement judge(const Task& task, const SyncRequest& request) const;
  void startRun(ClaimWork& work, int taskId);
  void defer(FakeTask& row, const DueJudgement& judgement);
  HandlerReach reachOf(const std::string& taskHandlerClass, const SyncRequest& request) const;
  bool lives(int runnerId) const;
  int countOffering(const std::string& taskHandlerClass) const;
  bool offers(int runnerId, const std::string& taskHandlerClass) const;
  bool wasOffered(const std::string& taskHandlerClass) const;
  std::optional<UnixSeconds> offeredUntil(const std::string& taskHandlerClass) const;
  bool isPaused(PauseKind kind, const std::string& name) const { return pauses.contains({kind, name}); }
  void unpark(const std::string& taskHandlerClass);
  void unparkWhereThereIsRoom(const std::vector<std::string>& classes);
  // Free slots of the class, or of one of its concurrency keys.
  int availableFor(const std::string& taskHandlerClass, const std::optional<std::string>& key) const;
  void unparkSome(const std::string& taskHandlerClass, const std::string& reason, int room);
  void unparkFreedKey(int taskQueueId);
  bool isKeyHeld(const Task& task);
  bool isOldCopy(const Run& run, const Task& task);
  bool matches(const Task& task, const TaskFilter& filter) const;
  void record(const std::string& action, std::optional<int> taskQueueId, const std::string& subject = "",
              const std::string& detail = "");

  bool hasEnded(const FakeTask& row);
  bool mayBePruned(const FakeTask& row, UnixSeconds endedBefore);

  bool isNameTaken(const std::string& name, int exceptId) const;

  Actor actor_;
  std::vector<AuditEntry> audit_;
  std::optional<UnixSeconds> overseerMarkedOn_;
  // Minutes already summed up, with the ended runs.
  std::map<UnixSeconds, std::vector<std::pair<Task, Run>>> minutes_;
  UnixSeconds now_ = 1'700'000'000;
  std::map<std::string, FakeRequest> requests_;
  int lastToken_ = 0;
  int rowsPerLine_ = 0;             // how many rows of each line the next claim reads at least
  std::map<Line, Place> searched_;  // where the next search begins, unless the last one came to the end
  int lastScheduleId_ = 0;
  int lastFiringId_ = 0;
  std::optional<UnixSeconds> standInPassedOn_;
};

}  // namespace taskqueue::test_support
