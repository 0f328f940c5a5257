// The tables behind the rules. One seam, two implementations: MariaDB (module/store) and the fake of the
// tests; one set of contract tests holds both to what is written here.
//
// Every method is one transaction of its own: it happened whole or not at all. Any method can throw
// StoreError. A store belongs to one thread.
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
#include "module/queue/task.h"
#include "module/queue/task_grid.h"
#include "module/queue/tick.h"
#include "module/queue/waiting.h"

namespace taskqueue {

// The client's name for one enqueue request, so that it may be sent again safely.
struct IdempotencyKey {
  std::string key;
  std::string requestHash;  // of the request's body: the same key with another body is refused
};

struct InsertOutcome {
  std::vector<AddedTask> tasks;  // in the order given
  bool replayed = false;         // the key had been used for the same request: `tasks` are as then
  bool keyMisused = false;       // the key had been used for another request: nothing was done
};

enum class CancelOutcome { Cancelled, Requested, AlreadyEnded, NoSuchTask };
enum class RetryOutcome { Scheduled, StillRunning, StatusChanged, KeyTaken, NoSuchTask };

enum class ScheduleChange { Changed, NameTaken, NoSuchSchedule };

struct FiringResult {
  bool done = false;  // false: somebody else has fired it, is about to, or has changed or removed it
  // One for each task of the plan that had not been made before; not created: it was skipped.
  std::vector<AddedTask> tasks;
};

// Who looks for what is due, and what waits for that.
struct OverseerFacts {
  UnixSeconds now = 0;
  std::optional<UnixSeconds> overseerPassedOn;  // the last pass of the overseer; nothing: there was none
  std::optional<UnixSeconds> standInPassedOn;   // the last time that a runner stood in for it
  int schedules = 0;                            // that are enabled
  int brokenSchedules = 0;                      // of those, with a problem
  std::optional<UnixSeconds> earliestFireOn;
};

// What tasks and people leave beside the tasks.
enum class Leftover {
  RunFiles,     // of runs whose task has ended; in parts
  Checkpoints,  // of tasks that have ended
  Requests,     // Idempotency-Keys
  Firings,      // of schedules
  Handlers,     // what they declare; no runner offers them, and no task waits for them
  Runners,      // that have ended
  Changes,      // who changed what
};

struct ForgottenTasks {
  int count = 0;
  bool more = false;  // there is more to look at
};

class TaskStore {
 public:
  virtual ~TaskStore() = default;

  // ── enqueueing ──────────────────────────────────────────────────────────────────────────────────────────
  // All or nothing. What becomes of a task whose UniqueKey is held by another one, its UniqueMode says.
  virtual InsertOutcome insertTasks(std::span<const NewTask> tasks,
                                    const std::optional<IdempotencyKey>& key) = 0;

  // ── reading ─────────────────────────────────────────────────────────────────────────────────────────────
  virtual UnixSeconds now() = 0;
  virtual std::optional<Task> findTask(int id) = 0;
  // Newest first, without their TaskData.
  virtual std::vector<Task> findTasks(const TaskFilter& filter) = 0;
  virtual std::optional<Run> findRun(int id) = 0;
  virtual std::vector<Run> runsOfTask(int taskQueueId) = 0;  // the newest 100, oldest first
  // Up to `limit` bytes from `offset`, cut at a character's border. Nothing when there is no such run.
  virtual std::optional<OutputSlice> readOutput(int runId, OutputStream stream, std::int64_t offset,
                                                std::int64_t limit) = 0;
  virtual std::vector<RunFile> filesOfRun(int runId) = 0;  // by name
  // Its content, whole. Nothing when there is no such file.
  virtual std::optional<std::string> readRunFile(int runId, std::string_view name) = 0;
  // Those in status `running` and behind them, unless `onlyRunning`, the others, each newest first.
  virtual std::vector<Runner> findRunners(bool onlyRunning, int limit) = 0;
  // Classes that runners offer or have offered, each as it was announced last; the first kMostHandlersRead.
  virtual std::vector<HandlerDeclaration> findHandlers() = 0;
  virtual std::optional<HandlerDeclaration> findHandler(std::string_view taskHandlerClass) = 0;
  // SystemSettings.TaskRunnerLimit.
  virtual RunnerLimit findRunnerLimit() = 0;
  int taskRunnerLimit() { return findRunnerLimit().limit; }

  // ── control ─────────────────────────────────────────────────────────────────────────────────────────────
  // A waiting task is cancelled at once; of a running one the runner is asked.
  virtual CancelOutcome cancelTask(int id) = 0;
  // A task that is not running starts anew at once: failures forgotten, a fresh `scheduled` run. Given
  // `onlyIf`, only when that is its LastStatus still.
  virtual RetryOutcome retryTask(int id, std::optional<RunStatus> onlyIf = std::nullopt) = 0;

  // True when this changed something. What had been parked while a handler was paused waits again when it is
  // resumed.
  virtual bool setPaused(PauseKind kind, std::string_view name, bool paused, int byId) = 0;
  virtual std::vector<Pause> findPauses() = 0;  // the first kMostPausesRead
  // At most this many tasks of the class, and of each of its ConcurrencyKeys, run at once, over all runners;
  // 0: any number; nothing: as it is. Counts more than what the handler itself declares. What has been parked
  // at a limit waits again when there is room.
  // Returns what holds now.
  virtual HandlerLimits setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                        std::optional<int> maxRunningPerKey, int byId) = 0;
  // Sets TaskRunnerLimit and makes its row where it is missing. Given `onlyIf`, only while that is its value.
  // False when it is not.
  virtual bool setTaskRunnerLimit(int limit, std::optional<int> onlyIf) = 0;
  // What whyWaiting() needs; nothing when there is no such task.
  virtual std::optional<WaitFacts> findWaitFacts(int taskId) = 0;
  // Whoever asked to be told of a task's end is told by a task that is inserted in the transaction in which
  // it ends, whatever ends it: exactly one for each final end. A retry may lead to a further end.
  virtual TaskNotification findNotification(int taskQueueId) = 0;

  // ── the overseer ────────────────────────────────────────────────────────────────────────────────────────
  // Ids of due tasks that may have a run and have none open, at most `limit`.
  virtual std::vector<int> findTasksMissingRun(int limit) = 0;
  // A `scheduled` run for the task, or nothing when rule 1 or 2 forbids one.
  virtual std::optional<int> createRunIfAllowed(int taskQueueId) = 0;
  // running → timeout, and all its running runs too (rule 4); those that it still has when somebody else
  // ended or deleted its row follow as well. False when there was nothing to do.
  virtual bool timeOutRunner(int taskRunnerId, const RescuePolicy& policy) = 0;
  // Ids of runners that have running runs and are not running themselves: ended or deleted by somebody else.
  virtual std::vector<int> findEndedRunnersWithRuns(int limit) = 0;
  // Ids of tasks that wait for a run which will never come to pass, or whose open run has ended: what an
  // editor that puts old rows back leaves behind.
  virtual std::vector<int> findTasksOutOfLine(int limit) = 0;
  // Brings a task in line with its runs after somebody changed one, as task-run:OnAfterItemUpdate asks: an
  // ended run is no longer open, a running one without a runner is given back, LastStatus and TaskRunsFailed
  // follow (rule 3), and a task that waited for a run which is not there may be tried again at once if a try
  // is left. False when there is no such task.
  virtual bool recountTask(int taskQueueId) = 0;

  // ── a runner ────────────────────────────────────────────────────────────────────────────────────────────
  // Writes the runner's row and what it can handle, with the limits that the handlers declare; tasks parked
  // for want of these handlers wait again.
  virtual int registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) = 0;
  // From now on the runner offers these, and none of those that it had announced before. They are kept as
  // withdrawn. What registerRunner does with limits and parked tasks is done here, too.
  virtual void announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) = 0;
  // Its running runs.
  virtual std::vector<RunOwnership> runsInHand(int taskRunnerId) = 0;
  virtual HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) = 0;
  // Finishes, releases, reports and claims, in this order, in one transaction (module/design/claiming.md).
  // Safe to repeat after an error: what was written is recognised by its token.
  virtual TickResult tick(const TickRequest& request) = 0;
  // running → success: the runner ends by its own will.
  virtual void endRunner(int taskRunnerId) = 0;
  // What the tick refuses and what is rescued is counted with it; the rest by whoever finds it.
  virtual void count(Counter counter, std::int64_t by) = 0;
  virtual std::map<Counter, std::int64_t> readCounters() = 0;  // all of them

  // ── the pages ───────────────────────────────────────────────────────────────────────────────────────────
  // Pages.
  // Changes from now on are recorded as this actor's: cancel, retry, pause, resume, limit, drain and stop,
  // each when it changed something, in the same transaction; an enqueue when the actor's source is `pages`.
  virtual void actAs(Actor actor) = 0;
  // The newest first.
  virtual std::vector<AuditEntry> auditOfTask(int taskQueueId, int limit) = 0;
  virtual std::vector<AuditEntry> findAudit(int limit) = 0;
  virtual TaskGrid readTaskGrid(const TaskGridRequest& request) = 0;
  // How many the filter matches, whatever its limit. No more than `most` are counted, and no more rows looked
  // at than fit into a fraction of a second, but one portion at least.
  virtual BoundedCount countUpTo(const TaskFilter& filter, int most) = 0;
  virtual QueueNumbers readQueueNumbers(int most) = 0;
  // Of each status, up to `most`.
  virtual std::map<RunStatus, BoundedCount> countByStatus(int most) = 0;
  // The queues that hold or held tasks, in alphabetical order, with what waits in each, counted up to `most`.
  virtual std::vector<QueueDepth> readQueueDepths(int limit, int most) = 0;
  // The newest first.
  virtual std::vector<RunningTask> findRunningTasks(int limit) = 0;
  virtual std::vector<FailedTask> findFailedTasks(int limit) = 0;
  // Sums up the oldest complete minutes that are not summed up yet, at most `limit`, and forgets those older
  // than a week and a day. Returns how many minutes. Any number of programs may do so at a time.
  virtual int rollUpMinutes(int limit) = 0;
  // What ended from `from` on, in parts of `seconds`; parts in which nothing ended are left out.
  virtual std::vector<MinuteSums> readMinutes(UnixSeconds from, int seconds) = 0;
  virtual std::map<std::string, HandlerSums> readMinutesByHandler(UnixSeconds from) = 0;
  virtual std::map<std::string, MinuteSums> readMinutesByQueue(UnixSeconds from) = 0;
  // The overseer's pass, so that people can see when it was called last.
  virtual void markOverseer() = 0;
  virtual std::optional<UnixSeconds> overseerMarkedOn() = 0;
  // The runner shall finish what it has and end. False when it does not run.
  virtual bool requestDrain(int taskRunnerId) = 0;
  // The runner shall end as by TERM: what does not finish in its drain time is given back. False when it does
  // not run.
  virtual bool requestStop(int taskRunnerId) = 0;

  // Health.
  // Handlers and lost runners are looked at from this many seconds ago on.
  virtual HealthFacts readHealthFacts(std::int64_t spanSeconds) = 0;
  // Of the minutes from `from` on, before `until`: how many runs succeeded and failed.
  virtual HandlerOutcome readOutcomeOfHandler(std::string_view taskHandlerClass, UnixSeconds from,
                                              UnixSeconds until) = 0;

  // Schedules.
  virtual std::vector<Schedule> findSchedules(int limit) = 0;  // by Name
  virtual std::optional<Schedule> findSchedule(int id) = 0;
  // The Id; nothing when the Name is taken.
  virtual std::optional<int> addSchedule(const ScheduleDefinition& definition,
                                         std::optional<UnixSeconds> nextFireOn, int createdById) = 0;
  // Its Problem is forgotten.
  virtual ScheduleChange changeSchedule(int id, const ScheduleDefinition& definition,
                                        std::optional<UnixSeconds> nextFireOn) = 0;
  // With the record of its firings; the tasks that it made stay. False when there is no such schedule.
  virtual bool removeSchedule(int id) = 0;
  // Enabled ones with a NextFireOn up to then, the earliest first.
  virtual std::vector<Schedule> findDueSchedules(UnixSeconds now, int limit) = 0;
  // Makes the plan's tasks, records what became of each instant, and sets NextFireOn; all or nothing. An
  // instant that is on record already makes no second task, whatever NextFireOn says.
  virtual FiringResult fireSchedule(const FiringPlan& plan) = 0;
  virtual std::vector<ScheduleFiring> firingsOfSchedule(int id, int limit) = 0;  // newest first
  // A runner has looked for what is due in the place of the overseer.
  virtual void markStandIn() = 0;
  virtual OverseerFacts findOverseerFacts() = 0;

  // Forgetting. Each call is one transaction that waits for nobody and that nobody waits for who needs live
  // tasks only; `most` bounds it.
  // Looks at the next tasks in the order of their QueuedOn, behind the last one from the first again, and
  // forgets those that ended before that time, with their runs, files and checkpoints. What stays: a task
  // that somebody has changed since, one whose UniqueKey still holds, and the last task of a schedule.
  virtual ForgottenTasks forgetTasks(UnixSeconds endedBefore, int most) = 0;
  // The oldest first; returns how many rows: fewer than `most`, when there are no more.
  virtual int forgetLeftovers(Leftover kind, UnixSeconds before, int most) = 0;
};

}  // namespace taskqueue
