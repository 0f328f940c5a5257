// Implements TaskStore over MariaDB. Each subject has a source file of its own; all share the connection and
// inTransaction().
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "module/queue/task_store.h"
#include "module/store/claim_cursor.h"
#include "module/store/connection.h"
#include "module/store/due_search.h"
#include "module/store/insert_batcher.h"

namespace taskqueue::store {

class ConcurrencyLimits;
class DueJudge;

// Draws a run token that cannot be guessed: 32 hexadecimal digits.
using TokenSource = std::function<std::string()>;
// Returns a random number in [0, 1), for backoff.
using ChanceSource = std::function<double()>;

class MariaTaskStore : public TaskStore {
 public:
  // `settling` is how old a place in the order of claims must be before claims begin there (ClaimCursor).
  MariaTaskStore(ConnectionSettings settings, TableNames names, TokenSource tokens, ChanceSource chances,
                 std::chrono::milliseconds settling = ClaimCursor::kSettling);

  InsertOutcome insertTasks(std::span<const NewTask> tasks,
                            const std::optional<IdempotencyKey>& key) override;
  // From now on single tasks are enqueued together with those of other threads. `with` must outlive the
  // store.
  void batchInserts(InsertBatcher& with) { batcher_ = &with; }
  // Enqueues the tasks that `body` returns, in one transaction with what `body` does on connection(). `body`
  // is called again when the transaction is repeated. Throws StoreError; after CommitUnknown it is not known
  // whether the transaction was committed.
  std::vector<AddedTask> insertTasksWith(const std::function<std::vector<NewTask>()>& body);

  UnixSeconds now() override;
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
  TaskNotification findNotification(int taskQueueId) override;

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
  void count(Counter counter, std::int64_t by) override;
  std::map<Counter, std::int64_t> readCounters() override;

  // Pages.
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
  void markOverseer() override;
  std::optional<UnixSeconds> overseerMarkedOn() override;
  bool requestDrain(int taskRunnerId) override;
  bool requestStop(int taskRunnerId) override;

  // Schedules.
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

  // Pruning.
  PrunedTasks pruneTasks(UnixSeconds endedBefore, int max) override;
  int pruneRecords(RecordKind kind, UnixSeconds before, int max) override;
  OverseerFacts findOverseerFacts() override;

  Connection& connection() { return connection_; }

 private:
  // Runs `body` in a transaction and commits. It repeats both, with a growing wait, after a transient error
  // such as a deadlock. Throws StoreError(TryAgain) when that does not help.
  enum class AfterLockWait { Repeat, GiveUp };
  template <typename Body>
  auto inTransaction(Body body, AfterLockWait afterLockWait = AfterLockWait::Repeat);

  // enqueue.cpp. An Insertion holds what is known before COMMIT answers.
  struct Insertion {
    InsertOutcome outcome;
    const NewTask* lastNew = nullptr;  // the last task that was inserted, if any
    int lastNewId = 0;
  };
  InsertOutcome insertApart(std::span<const NewTask> tasks, const std::optional<IdempotencyKey>& key);
  Insertion insertOnce(std::span<const NewTask> tasks, const std::optional<IdempotencyKey>& key);
  bool wasCommitted(const Insertion& insertion);
  // Returns the Ids in the order of `tasks`.
  std::vector<int> insertRows(std::span<const NewTask* const> tasks);

  // notifications.cpp. Both are called inside the transaction of the change.
  void subscribe(std::span<const NewTask* const> tasks, std::span<const int> ids);
  // Makes the notifications of those of these tasks that have ended, request one, and have none yet.
  // Everything that may end a task must call it.
  void notifyCompleted(const std::vector<int>& taskIds);

  // retention.cpp. Locks those of these tasks that have ended and that no other transaction has locked, and
  // returns them.
  std::vector<int> lockEnded(const std::vector<int>& taskIds);
  // Prunes `rows`, which hold an Id and that of its task. The task must have ended or be gone.
  int pruneOfEnded(std::vector<Row> rows, const Sql& prune);

  // schedules.cpp
  FiringResult fireOnce(const FiringPlan& plan);

  // sync.cpp
  SyncResult syncOnce(const SyncRequest& request, const std::optional<ClaimCursor::DueScan>& scan);
  struct Owned {
    bool running = false;
    bool cancelRequested = false;
    bool rescued = false;  // ended since its runner had died: only a rescue writes `timeout`
  };
  template <typename Items>
  std::unordered_map<std::string, Owned> lockOwned(const Items& items);
  std::vector<int> writeEnds(const std::vector<RunEnd>& ends);
  void writeEndsOfOwnedRuns(std::vector<RunEnd>& ends);
  struct EndStatements {
    const Sql& runs;
    const Sql& tasks;          // finishes tasks that request no notification
    const Sql& notifiedTasks;  // finishes the other tasks
    std::string (*asJson)(std::span<const RunEnd>);
  };
  void writeRows(std::span<const RunEnd> ends, const EndStatements& with);
  std::vector<int> writeReleases(const std::vector<RunRelease>& releases);
  void releaseOwnedRuns(const std::vector<RunRelease>& releases);
  void writeProgress(const std::vector<RunProgress>& progress);
  void writeOutput(const std::vector<OutputChunk>& output);

  // claim.cpp
  struct DueTasks;
  // Looks up outside a transaction what is due. Returns nothing when there seems to be nothing to claim.
  std::optional<ClaimCursor::DueScan> scanBeforeClaim(const SyncRequest& request, SyncResult& result);
  void claim(const SyncRequest& request, std::optional<ClaimCursor::DueScan> scan, SyncResult& result);
  ClaimCursor::DueScan scanForClaim(const SyncRequest& request);
  void lockDue(const SyncRequest& request, const ClaimCursor::DueScan& scan, ConcurrencyLimits& limits,
               DueTasks& to);
  struct ClaimWork;
  void lockLine(ClaimWork& work, const ClaimCursor::PriorityBand& band, ClaimLine line);
  void searchLine(ClaimWork& work, const ClaimCursor::PriorityBand& band, ClaimLine line,
                  ClaimCursor::Place behind);
  // Returns the place of the last one.
  std::optional<ClaimCursor::Place> take(std::vector<Row> rows, int claimLimit, DueJudge& judge,
                                         DueTasks& to);
  void setRowsPerLine(const SyncRequest& request, const DueTasks& due);
  void openRuns(int taskRunnerId, DueTasks& due, SyncResult& result);

  // priorities.cpp. Gives rows of these queues whose priority is not 0 to 9 the nearest one, a bounded number
  // at a time, and audits it. Returns true when more are left to be corrected soon.
  bool correctPriorities(std::span<const std::string> queues);
  bool correctPrioritiesOf(const std::string& queue);

  // runners.cpp. It is called inside the transaction of the registration.
  void writeAnnouncement(int taskRunnerId, std::span<const HandlerDeclaration> handlers);

  // unpark_tasks.cpp. Inside a transaction. Lets parked tasks of this class wait again, a bounded number at a
  // time. Returns true when more of them may be parked.
  bool unparkSome(const std::string& taskHandlerClass);
  // The same for all of them, in as many transactions as they need.
  void unparkAll(const std::string& taskHandlerClass);
  // The same for the classes of the last announcement, one transaction at each call. Returns true when it
  // did anything.
  bool unparkAnnounced();

  // audit.cpp. Inside the transaction of the change; nothing when nobody is named.
  void record(const std::string& action, std::optional<int> taskQueueId, const std::string& subject,
              const std::string& detail = "");

  Connection connection_;
  Actor actor_;
  TokenSource tokens_;
  ChanceSource chances_;
  ClaimCursor claimCursor_;
  int rowsPerLine_ = 0;             // how many rows of each line the next claim locks at least (claim.cpp)
  std::vector<Task> leftToOthers_;  // those that the claim under way has met
  struct Searched {
    ClaimCursor::PriorityBand band;
    ClaimLine line;
    ClaimCursor::Place upTo;
    bool isAll = false;
  };
  std::vector<Searched> searched_;        // by the claim under way
  std::vector<std::string> stillParked_;  // classes that were announced, of which tasks may be parked still
  std::chrono::steady_clock::time_point nextCorrection_{};
  InsertBatcher* batcher_ = nullptr;
};

}  // namespace taskqueue::store
