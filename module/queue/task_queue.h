// The queue's operations under the names that the CMS's events have for them (rule 6). All rules that need no
// table are here; the tables are behind the roles of Stores.
//
// An object belongs to one thread, like its store.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "module/queue/lease_watch.h"
#include "module/queue/limits.h"
#include "module/queue/schedule/fire.h"
#include "module/queue/store/stores.h"

namespace taskqueue {

// An error in a caller's input: the wrong member (a JSON pointer) and how to mend it.
struct InputError {
  std::string member;
  std::string problem;
};

struct AddResult {
  InsertOutcome outcome;
  std::vector<InputError> errors;  // if not empty, nothing was written
};

struct ProcessQueueResult {
  std::vector<int> timedOutRunners;
  int repairedTasks = 0;
  FiringCounts firings;
  int createdTaskRuns = 0;
  int prunedTasks = 0;
};

// Functions for everything outside the tables. All are called on the caller's thread.
struct QueueDependencies {
  // Checks that TaskData is well-formed, an object, within the limits, and valid for the schema. An empty
  // schema accepts any object.
  std::function<std::vector<InputError>(std::string_view taskData, std::string_view schema)> checkTaskData;
  // Calls `countMissing`, starts that many runners in the background, and returns how many were started. Only
  // one caller at a time does this, and its runners register before the next caller counts.
  std::function<int(const std::function<int()>& countMissing)> startRunners;
  // Runs one short-lived runner until it ends and returns its result as JSON. If `countMissing` is given, the
  // runner starts only if one is missing, and only one caller at a time does this.
  std::function<std::string(const std::function<int()>& countMissing)> runOneStandalone;
  // Access to the local files of a dead runner of this host. readJournal returns the ends that it could not
  // write into the tables. readStarted returns the tokens of the runs that it had started, or nothing if that
  // is unknown. removeJournal deletes both files. All may be empty.
  std::function<std::vector<RunEnd>(int taskRunnerId)> readJournal;
  std::function<std::optional<std::set<std::string>>(int taskRunnerId)> readStarted;
  std::function<void(int taskRunnerId)> removeJournal;
  // Returns the notifications for operators. Each has a unique key, so that one cause is not reported again
  // too soon. If empty, operators are not notified.
  std::function<std::vector<NewTask>(const Stores&)> alertTasks;
  // The clock for leases. If empty, the process's steady clock is used.
  std::function<std::chrono::steady_clock::time_point()> steadyNow;
};

class TaskQueue {
 public:
  TaskQueue(const Stores& stores, QueueDependencies dependencies, RescuePolicy rescuePolicy,
            LeaseWatch& leaseWatch, QueueLimits limits = {});

  // Enqueues all tasks or none. Each class must be one that a runner offers or has offered, unless the limits
  // accept unknown classes. The data must fit the latest declaration of the class, and every number its
  // limit. If no runner offers the handler now, the task waits for one.
  AddResult addTasks(std::span<const NewTask> tasks, const std::optional<IdempotencyKey>& key = std::nullopt);
  AddResult addTask(const NewTask& task);
  // Returns the errors that addTask would report. Writes nothing.
  std::vector<InputError> checkTask(const NewTask& task);
  // Does the same, and fills in what the sender left to the handler's settings. Handles
  // task-queue:OnBeforeItemCreate.
  std::vector<InputError> completeTask(NewTask& task);

  // Returns the latest declaration of a handler class, or nothing if no runner has ever announced it.
  std::optional<HandlerDeclaration> createTaskHandler(std::string_view taskHandlerClass);

  // Runs one overseer pass: refreshTaskRunnersStatus, repairTasks, firing of due schedules,
  // createMissingTaskRuns, statistics, pruning and notifications for operators. Records the time of the pass.
  ProcessQueueResult processQueue();

  // A runner calls this once in a while. It fires due schedules if the overseer is silent, and returns
  // nothing if it is not. The runner's heartbeat waits meanwhile, so after a time the rest is left to the
  // next call.
  std::optional<FiringCounts> runFallbackPass();

  // Ends every running runner whose process is gone as `timeout`, and returns the Ids. A local process is
  // checked at once; a remote one is dead if the lease watch says so. The ends in the runner's journal are
  // written first. Claimed runs that are known not to have started are released. Runs of runners that
  // something else ended or deleted are ended too.
  std::vector<int> refreshTaskRunnersStatus();
  // Returns whether a process that the last refreshTaskRunnersStatus saw alive is gone. Reads no table.
  bool seesDeadRunner() const;

  // Frees tasks that an editor left waiting for a run which will never come to pass. Returns how many. After
  // `longest` the rest is left to the next call.
  int repairTasks(std::chrono::milliseconds longest = std::chrono::hours(1));

  // Creates a `scheduled` run for each due task that may have one. Returns how many were created.
  int createMissingTaskRuns();

  // Returns the Id of the new run. Returns nothing if a run is open already or if the task may have no
  // further run.
  std::optional<int> createTaskRun(int taskQueueId);

  int getTaskRunnerCount();
  int getMissingTaskRunnerCount();

  // Starts the missing runners in the background and returns how many were started. Used by the command line.
  int createMissingTaskRunners();

  // Runs one short-lived runner in the foreground. Returns its result as JSON; the text is empty if it could
  // not start.
  std::string runStandalone();
  // Does the same, but only if fewer runners run than TaskRunnerLimit allows. One caller at a time counts and
  // starts.
  struct StandaloneResult {
    bool isBusy = false;     // another caller is starting a runner, or its runner still works
    bool isMissing = false;  // false: no runner was missing, so none was started
    int runners = 0;
    RunnerLimit limit;
    std::string done;  // empty: the runner could not be started, or failed
  };
  StandaloneResult runMissingStandalone();

  // Sets TaskRunnerLimit. If `onlyIf` is given, the limit changes only from this value. `isChanged` is false
  // if another program has changed the limit meanwhile.
  struct RunnerLimitResult {
    std::optional<InputError> error;
    bool isChanged = false;
    RunnerLimit limit;  // the limit now in force
  };
  RunnerLimitResult setTaskRunnerLimit(std::int64_t limit, std::optional<int> onlyIf = std::nullopt);

  // Pauses or resumes all queues, a queue or a handler. While it is paused, no runner claims its tasks; open
  // runs go on. `changed` is false if it was in this state already. `known` is false if no runner has
  // announced the handler, or if no runner serves the queue and it has no task; the pause holds nevertheless.
  struct PauseResult {
    std::optional<InputError> error;
    bool changed = false;
    bool known = false;
  };
  PauseResult setPaused(PauseKind kind, std::string_view name, bool paused, int byId,
                        const PauseTerms& terms = {});
  // Limits how many tasks of the handler, and of each of its ConcurrencyKeys, run at once over all runners. 0
  // means no limit; an absent limit per key does not change. `known` is as above.
  struct LimitResult {
    std::optional<InputError> error;
    HandlerLimits limits;  // the limits now in force
    bool known = false;
  };
  LimitResult setHandlerLimit(std::string_view taskHandlerClass, std::int64_t maxRunning,
                              std::optional<std::int64_t> maxRunningPerKey, int byId);
  // Returns a message for people about an unknown name. A pause or limit for such a name holds nevertheless.
  static std::string unknownText(PauseKind kind, std::string_view name);

  // Cancels a waiting task at once. For a running task, requests the cancellation from its runner.
  CancelOutcome cancelTask(int id);
  // Retries a task that is not running. If `onlyIf` is given, only while this is its LastStatus.
  RetryOutcome retryTask(int id, std::optional<RunStatus> onlyIf = std::nullopt);
  // Changes a task that waits. If `onlyIf` is given, only while this is its versionOf(). With errors, nothing
  // was changed.
  struct ChangeResult {
    std::vector<InputError> errors;
    ChangeOutcome outcome = ChangeOutcome::NoSuchTask;
  };
  ChangeResult changeTask(int id, const TaskChange& change,
                          const std::optional<std::string>& onlyIf = std::nullopt);
  // Ask a runner to finish its runs and end, or to end as on SIGTERM. They return false if it is not running.
  bool requestDrain(int taskRunnerId);
  bool requestStop(int taskRunnerId);

  // Handles task-run:OnAfterItemUpdate. Returns false if there is no such task.
  bool onAfterTaskRunUpdate(int taskQueueId);
  // Handles task-runner:OnBeforeItemCreate. Sets the identity of the calling process.
  static void onBeforeTaskRunnerCreate(NewRunner& runner);
  // Handles task-runner:OnAfterItemUpdate from running to timeout, and ends the runner's runs as well.
  // Returns false if there was nothing to do, or if the runner is alive and so keeps its runs.
  bool onTaskRunnerTimeout(int taskRunnerId);

 private:
  bool isAlive(const Runner& runner) const;
  std::chrono::steady_clock::time_point steadyNow() const;
  bool isKnown(PauseKind kind, const std::string& name);
  bool rescue(int taskRunnerId);
  void releaseUnstarted(int taskRunnerId);
  void notifyOperators();
  // The declarations of all classes that a request names. A value is absent if no runner has announced the
  // class.
  using HandlersOfRequest = std::map<std::string, std::optional<HandlerDeclaration>, std::less<>>;
  std::vector<NewTask> completeTasks(std::span<const NewTask> tasks, UnixSeconds now,
                                     std::vector<InputError>& errors);
  // Returns a declaration that was read at most limits_.handlerCacheTime ago.
  std::optional<HandlerDeclaration> handlerOfNewTask(const std::string& taskHandlerClass);
  void completeTask(NewTask& task, HandlersOfRequest& handlers);
  void checkNewTask(const NewTask& task, UnixSeconds now, const std::string& prefix,
                    const HandlersOfRequest& handlers, std::vector<InputError>& errors);

  void checkNotification(const NewTask& task, const std::string& prefix, const HandlersOfRequest& handlers,
                         std::vector<InputError>& errors);

  struct CachedHandler {
    HandlerDeclaration declaration;
    std::chrono::steady_clock::time_point until;
  };

  Stores stores_;
  std::unordered_map<std::string, CachedHandler> handlerCache_;
  std::vector<ProcessIdentity> localRunners_;  // processes that the last refreshTaskRunnersStatus saw alive
  QueueDependencies dependencies_;
  RescuePolicy rescuePolicy_;
  LeaseWatch& leaseWatch_;
  QueueLimits limits_;
};

}  // namespace taskqueue
