// The interface to the tables. MariaDB (module/store) and the tests' fake implement it, and one set of
// contract tests checks both.
//
// Every method is one transaction, which happens completely or not at all. Any method can throw StoreError. A
// store belongs to one thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/audit.h"
#include "module/queue/counter.h"
#include "module/queue/health_facts.h"
#include "module/queue/overview.h"
#include "module/queue/pause.h"
#include "module/queue/rescue.h"
#include "module/queue/run.h"
#include "module/queue/runner.h"
#include "module/queue/schedule/firing_plan.h"
#include "module/queue/schedule/schedule.h"
#include "module/queue/store_error.h"
#include "module/queue/sync.h"
#include "module/queue/task.h"
#include "module/queue/task_grid.h"
#include "module/queue/waiting.h"

namespace taskqueue {

// The client's name for one enqueue request, so that the client may safely send it again.
struct IdempotencyKey {
  std::string key;
  std::string requestHash;  // hash of the request's body; the same key with another body is refused
};

struct InsertOutcome {
  std::vector<AddedTask> tasks;  // in the order of the request
  bool replayed = false;    // the key was used before for the same request, and `tasks` repeats that answer
  bool keyMisused = false;  // the key was used before for another request, so nothing was done
};

enum class CancelOutcome { Cancelled, Requested, AlreadyEnded, NoSuchTask };
enum class RetryOutcome { Scheduled, StillRunning, StatusChanged, KeyTaken, NoSuchTask };

enum class ScheduleChange { Changed, NameTaken, NoSuchSchedule };

struct FiringResult {
  // False if another caller has fired it or is about to, or if the schedule was changed or removed.
  bool done = false;
  // One for each task of the plan that was not made before. `created` is false if the firing was skipped.
  std::vector<AddedTask> tasks;
};

// The latest passes of the overseer and of its fallback, and the schedules that wait for a pass.
struct OverseerFacts {
  UnixSeconds now = 0;
  std::optional<UnixSeconds> overseerPassedOn;  // the overseer's last pass; absent: there was none
  std::optional<UnixSeconds> fallbackPassedOn;  // the last fallback pass of a runner
  int schedules = 0;                            // enabled schedules
  int brokenSchedules = 0;                      // enabled schedules with a problem
  std::optional<UnixSeconds> earliestFireOn;
};

// The kinds of rows, besides tasks, that are pruned.
enum class RecordKind {
  RunFiles,     // files of runs whose task has ended; stored in parts
  Checkpoints,  // checkpoints of ended tasks
  Requests,     // Idempotency-Keys
  Firings,      // records of firings
  Handlers,     // declarations of handlers that no runner offers and no task waits for
  Runners,      // ended runners
  Changes,      // audit records
};

struct PrunedTasks {
  int count = 0;
  bool more = false;  // the scan has not reached its end
};

class TaskStore {
 public:
  virtual ~TaskStore() = default;

  // ── enqueueing ──────────────────────────────────────────────────────────────────────────────────────────
  // Inserts all tasks or none. If another task holds a UniqueKey, the UniqueMode decides.
  virtual InsertOutcome insertTasks(std::span<const NewTask> tasks,
                                    const std::optional<IdempotencyKey>& key) = 0;

  // ── reading ─────────────────────────────────────────────────────────────────────────────────────────────
  virtual UnixSeconds now() = 0;
  virtual std::optional<Task> findTask(int id) = 0;
  // Returns tasks newest first and without TaskData.
  virtual std::vector<Task> findTasks(const TaskFilter& filter) = 0;
  virtual std::optional<Run> findRun(int id) = 0;
  virtual std::vector<Run> runsOfTask(int taskQueueId) = 0;  // the newest 100, oldest first
  // Returns up to `limit` bytes from `offset`, without cutting a character. Returns nothing if there is no
  // such run.
  virtual std::optional<OutputSlice> readOutput(int runId, OutputStream stream, std::int64_t offset,
                                                std::int64_t limit) = 0;
  virtual std::vector<RunFile> filesOfRun(int runId) = 0;  // by name
  // Returns the whole content, or nothing if there is no such file.
  virtual std::optional<std::string> readRunFile(int runId, std::string_view name) = 0;
  // Returns the running runners and, unless `onlyRunning`, after them the others; each part is newest first.
  virtual std::vector<Runner> findRunners(bool onlyRunning, int limit) = 0;
  // Returns the classes that runners offer or have offered, each as last announced, at most kMaxHandlersRead.
  virtual std::vector<HandlerDeclaration> findHandlers() = 0;
  virtual std::optional<HandlerDeclaration> findHandler(std::string_view taskHandlerClass) = 0;
  // Reads SystemSettings.TaskRunnerLimit.
  virtual RunnerLimit findRunnerLimit() = 0;
  int taskRunnerLimit() { return findRunnerLimit().limit; }

  // ── control ─────────────────────────────────────────────────────────────────────────────────────────────
  // Cancels a waiting task at once. For a running task, requests the cancellation from its runner.
  virtual CancelOutcome cancelTask(int id) = 0;
  // Retries a task that is not running: resets its failures and creates a `scheduled` run. If `onlyIf` is
  // given, only while this is the LastStatus.
  virtual RetryOutcome retryTask(int id, std::optional<RunStatus> onlyIf = std::nullopt) = 0;

  // Returns whether this changed anything. Resuming a handler makes the tasks that were parked for its pause
  // wait again.
  virtual bool setPaused(PauseKind kind, std::string_view name, bool paused, int byId) = 0;
  virtual std::vector<Pause> findPauses() = 0;  // the first kMaxPausesRead
  // Lets at most this many tasks of the class, and of each of its ConcurrencyKeys, run at once over all
  // runners. 0 means no limit; an absent limit per key does not change. This limit has precedence over the
  // handler's own. Tasks parked at a limit wait again when there is room. Returns the limits now in force.
  virtual HandlerLimits setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                        std::optional<int> maxRunningPerKey, int byId) = 0;
  // Sets TaskRunnerLimit and creates its row if needed. If `onlyIf` is given, only while this is its value;
  // otherwise returns false.
  virtual bool setTaskRunnerLimit(int limit, std::optional<int> onlyIf) = 0;
  // Returns the facts for findWaitReason(), or nothing if there is no such task.
  virtual std::optional<WaitFacts> findWaitFacts(int taskId) = 0;
  // Returns the task's notification settings. The transaction that ends a task also inserts the notification
  // task, exactly one for each final end. A retry may lead to a further end.
  virtual TaskNotification findNotification(int taskQueueId) = 0;

  // ── the overseer ────────────────────────────────────────────────────────────────────────────────────────
  // Returns the Ids of at most `limit` due tasks that may have a run and have none open.
  virtual std::vector<int> findTasksMissingRun(int limit) = 0;
  // Creates a `scheduled` run for the task and returns its Id. Returns nothing if rule 1 or 2 forbids a run.
  virtual std::optional<int> createRunIfAllowed(int taskQueueId) = 0;
  // Changes the runner from running to timeout and ends all its running runs (rule 4). Also ends the running
  // runs of a runner whose row was ended or deleted by something else. Returns false if there was nothing to
  // do.
  virtual bool timeOutRunner(int taskRunnerId, const RescuePolicy& policy) = 0;
  // Returns the Ids of runners that are not running but still own running runs, because something else ended
  // or deleted their rows.
  virtual std::vector<int> findEndedRunnersWithRuns(int limit) = 0;
  // Returns the Ids of tasks that wait for a run that does not exist, or whose open run has ended. An editor
  // that restores old rows causes this.
  virtual std::vector<int> findInconsistentTasks(int limit) = 0;
  // Updates a task from its runs after a run was changed, as task-run:OnAfterItemUpdate asks. LastStatus and
  // TaskRunsFailed are recomputed (rule 3), an ended run is no longer open, and a running run without a
  // runner is released. If the run that the task waited for is missing, the task may be retried at once while
  // tries are left. Returns false if there is no such task.
  virtual bool recountTask(int taskQueueId) = 0;

  // ── a runner ────────────────────────────────────────────────────────────────────────────────────────────
  // Inserts the runner's row, its handlers and their declared limits, and returns the Id. Tasks that were
  // parked because no runner offered these handlers wait again.
  virtual int registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) = 0;
  // Replaces the handlers that the runner offers; the others stay known as withdrawn. Limits and parked tasks
  // change as for registerRunner.
  virtual void announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) = 0;
  // Returns the runner's running runs.
  virtual std::vector<RunOwnership> activeRuns(int taskRunnerId) = 0;
  virtual HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) = 0;
  // Finishes, releases, reports and claims, in this order, in one transaction (module/design/claiming.md).
  // Safe to repeat after an error: what was written is recognised by its token.
  virtual SyncResult sync(const SyncRequest& request) = 0;
  // Changes the runner from running to success, when the runner ends regularly.
  virtual void endRunner(int taskRunnerId) = 0;
  // Adds to a counter. The store itself counts refused writes and rescued runs; callers count the other
  // events.
  virtual void count(Counter counter, std::int64_t by) = 0;
  virtual std::map<Counter, std::int64_t> readCounters() = 0;  // every counter has a value

  // ── the pages ───────────────────────────────────────────────────────────────────────────────────────────
  // Records later changes as this actor's: cancel, retry, pause, resume, limit, drain and stop. A record is
  // written in the same transaction, if the operation changed something. An enqueue is recorded only for the
  // source `pages`.
  virtual void actAs(Actor actor) = 0;
  // These return the newest entries first.
  virtual std::vector<AuditEntry> auditOfTask(int taskQueueId, int limit) = 0;
  virtual std::vector<AuditEntry> findAudit(int limit) = 0;
  virtual TaskGrid readTaskGrid(const TaskGridRequest& request) = 0;
  // Counts the tasks that the filter matches, up to `max`; ignores the filter's limit. It reads at least one
  // batch of rows, and stops after a fraction of a second.
  virtual BoundedCount countUpTo(const TaskFilter& filter, int max) = 0;
  virtual QueueNumbers readQueueNumbers(int max) = 0;
  // Counts the tasks of each status, up to `max`.
  virtual std::map<RunStatus, BoundedCount> countByStatus(int max) = 0;
  // Returns the queues that hold or held tasks in alphabetical order, with their waiting tasks counted up to
  // `max`.
  virtual std::vector<QueueDepth> readQueueDepths(int limit, int max) = 0;
  // These return the newest tasks first.
  virtual std::vector<RunningTask> findRunningTasks(int limit) = 0;
  virtual std::vector<FailedTask> findFailedTasks(int limit) = 0;
  // Writes the statistics of the oldest complete minutes that have none, at most `limit`. Prunes those older
  // than eight days. Returns the number of minutes. Any number of programs may call this at the same time.
  virtual int rollUpMinutes(int limit) = 0;
  // Returns the statistics from `from` on, in intervals of `seconds`. Intervals in which no run ended are
  // left out.
  virtual std::vector<MinuteStats> readMinutes(UnixSeconds from, int seconds) = 0;
  // Returns the sums of the minutes from `from` on, by handler class.
  virtual std::map<std::string, HandlerStats> readMinutesByHandler(UnixSeconds from) = 0;
  virtual std::map<std::string, MinuteStats> readMinutesByQueue(UnixSeconds from) = 0;
  // Records the time of the overseer's pass.
  virtual void markOverseer() = 0;
  virtual std::optional<UnixSeconds> overseerMarkedOn() = 0;
  // Asks the runner to finish its runs and end. Returns false if it is not running.
  virtual bool requestDrain(int taskRunnerId) = 0;
  // Asks the runner to end as on SIGTERM; runs that do not finish within its drain time are released. Returns
  // false if it is not running.
  virtual bool requestStop(int taskRunnerId) = 0;

  // Includes the outcomes of handlers and the lost runners of the last `spanSeconds`.
  virtual HealthFacts readHealthFacts(std::int64_t spanSeconds) = 0;
  // Counts the runs that succeeded and failed in the minutes from `from` on and before `until`.
  virtual HandlerOutcome readOutcomeOfHandler(std::string_view taskHandlerClass, UnixSeconds from,
                                              UnixSeconds until) = 0;

  // Schedules.
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
  // Records the time of a runner's fallback pass.
  virtual void markFallbackPass() = 0;
  virtual OverseerFacts findOverseerFacts() = 0;

  // Pruning. Each call is one transaction on at most `max` rows. It waits for no lock, and no transaction on
  // live tasks waits for it.
  //
  // Scans the next tasks in the order of QueuedOn, and restarts at the oldest after the last one. Deletes
  // those that ended before `endedBefore`, with their runs, files and checkpoints. It keeps tasks that were
  // changed since, tasks whose UniqueKey still holds, and the last task of each schedule.
  virtual PrunedTasks pruneTasks(UnixSeconds endedBefore, int max) = 0;
  // Deletes the oldest rows first and returns how many. Fewer than `max` means that none are left.
  virtual int pruneRecords(RecordKind kind, UnixSeconds before, int max) = 0;
};

}  // namespace taskqueue
