// The queue's operations under the names that the CMS's events have for them (rule 6). All rules that need no
// table are here; the tables are behind TaskStore.
//
// Belongs to one thread, like its store.
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
#include "module/queue/task_store.h"

namespace taskqueue {

// What is wrong with a caller's input: the member at fault (a JSON pointer) and how to mend it.
struct InputError {
  std::string member;
  std::string problem;
};

struct AddResult {
  InsertOutcome outcome;
  std::vector<InputError> errors;  // not empty: nothing was written
};

struct ProcessQueueResult {
  std::vector<int> timedOutRunners;
  int repairedTasks = 0;
  FiringCounts firings;
  int createdTaskRuns = 0;
  int forgottenTasks = 0;
};

// Where the rules need something outside the tables. All are called on the caller's thread.
struct QueueSurroundings {
  // Checks TaskData: well-formed, an object, within the limits, and fitting the schema (empty: any).
  std::function<std::vector<InputError>(std::string_view taskData, std::string_view schema)> checkTaskData;
  // Starts as many runners in the background as `countMissing` says and returns how many were started. One
  // caller at a time asks and starts, and its runners have registered before the next one asks.
  std::function<int(const std::function<int()>& countMissing)> startRunners;
  // Runs one short-lived runner to its end and returns what it did, as JSON. Given `countMissing`, only when
  // one is missing: one caller at a time asks and starts, as above.
  std::function<std::string(const std::function<int()>& countMissing)> runOneStandalone;
  // The ends of runs that a runner of this host wrote into its journal since it could not write them into the
  // tables; the tokens of the runs that it had begun, or nothing when that cannot be told; and the word that
  // neither is needed any more. May be empty.
  std::function<std::vector<RunEnd>(int taskRunnerId)> readJournal;
  std::function<std::optional<std::set<std::string>>(int taskRunnerId)> readStarted;
  std::function<void(int taskRunnerId)> removeJournal;
  // The tasks that tell operators how the queue is; each has a unique key, so that one cause is told once in
  // a while. Empty: operators are not told.
  std::function<std::vector<NewTask>(TaskStore&)> alertTasks;
  // The clock of leases; empty: the process's own.
  std::function<std::chrono::steady_clock::time_point()> steadyNow;
};

class TaskQueue {
 public:
  TaskQueue(TaskStore& store, QueueSurroundings surroundings, RescuePolicy rescuePolicy,
            LeaseWatch& leaseWatch, QueueLimits limits = {});

  // Enqueues all or none. Each task's class must be one that a runner offers or has offered, unless the
  // limits say that others are accepted, too. Its data must fit what the class declared last, and every
  // number must be within the limits. A task whose handler no runner offers now waits for one.
  AddResult addTasks(std::span<const NewTask> tasks, const std::optional<IdempotencyKey>& key = std::nullopt);
  AddResult addTask(const NewTask& task);
  // What addTask would find wrong with it; nothing is written.
  std::vector<InputError> checkTask(const NewTask& task);

  // Returns what a handler class declared last, or nothing when no runner has ever announced it.
  std::optional<HandlerDeclaration> createTaskHandler(std::string_view taskHandlerClass);

  // The overseer's pass: refreshTaskRunnersStatus, fireDueSchedules, createMissingTaskRuns, then what is old
  // is forgotten. It is noted when it is done.
  ProcessQueueResult processQueue();

  // For a runner, once in a while: fires what is due when the overseer is silent. Nothing when it is not. Its
  // heartbeat waits meanwhile: after a time the rest is left to the next call.
  std::optional<FiringCounts> standInForOverseer();

  // Ends as `timeout` every running runner whose process is gone: at once where the process can be seen from
  // here; elsewhere when the lease watch has seen its heartbeat stand still. What it had written into its
  // journal is written first, and what it had claimed and not begun, as far as that can be told, is given
  // back. Runs left by a runner whose row somebody else ended follow. Returns their Ids.
  std::vector<int> refreshTaskRunnersStatus();
  // Whether the process of a runner that the last refreshTaskRunnersStatus saw alive is gone. Asks no table.
  bool seesDeadRunner() const;

  // Frees tasks that an editor left waiting for a run which will never come to pass. Returns how many. After
  // `longest` the rest is left to the next call.
  int repairTasks(std::chrono::milliseconds longest = std::chrono::hours(1));

  // Creates a `scheduled` run for each due task that may have one. Returns how many.
  int createMissingTaskRuns();

  // Id of the new run, or nothing when one is open already or the task may have no further one.
  std::optional<int> createTaskRun(int taskQueueId);

  int getTaskRunnerCount();
  int getMissingTaskRunnerCount();

  // On the command line: starts the missing runners in the background and returns how many were started.
  int createMissingTaskRunners();

  // One short-lived runner in the foreground; what it did, as JSON; empty when it could not be started.
  std::string runStandalone();
  // The same, when fewer runners run than TaskRunnerLimit allows. One caller at a time looks and starts.
  struct StandaloneResult {
    bool isBusy = false;     // another caller starts one, or one that was started so is still at work
    bool isMissing = false;  // false: there are as many runners as may be, and nothing was started
    int runners = 0;
    RunnerLimit limit;
    std::string done;  // empty: the runner could not be started, or failed
  };
  StandaloneResult runMissingStandalone();

  // Sets TaskRunnerLimit. `onlyIf` is the value that it is changed from: `isChanged` false says that it was
  // another one meanwhile, or that another program changed it at the same time.
  struct RunnerLimitResult {
    std::optional<InputError> error;
    bool isChanged = false;
    RunnerLimit limit;  // that holds now
  };
  RunnerLimitResult setTaskRunnerLimit(std::int64_t limit, std::optional<int> onlyIf = std::nullopt);

  // Nobody claims tasks of this queue or handler until it is resumed; what runs goes on. `changed` is false
  // when it was so already. `known` is false when no runner serves such a queue and no task is in it, or no
  // runner has ever announced such a handler: it is paused all the same, for those to come.
  struct PauseResult {
    std::optional<InputError> error;
    bool changed = false;
    bool known = false;
  };
  PauseResult setPaused(PauseKind kind, std::string_view name, bool paused, int byId);
  // At most this many tasks of the handler, and of each of its ConcurrencyKeys, run at once, over all
  // runners; 0: any number; nothing: as it is. `known` as above.
  struct LimitResult {
    std::optional<InputError> error;
    HandlerLimits limits;  // that hold now
    bool known = false;
  };
  LimitResult setHandlerLimit(std::string_view taskHandlerClass, std::int64_t maxRunning,
                              std::optional<std::int64_t> maxRunningPerKey, int byId);
  // What to tell people of a name that nobody knows; a pause or limit of it holds for those to come.
  static std::string unknownText(PauseKind kind, std::string_view name);

  // task-run:OnAfterItemUpdate. False when there is no such task.
  bool onAfterTaskRunUpdate(int taskQueueId);
  // task-runner:OnBeforeItemCreate: the row carries the identity of the calling process.
  static void onBeforeTaskRunnerCreate(NewRunner& runner);
  // task-runner:OnAfterItemUpdate, running → timeout: its runs follow. False when there was nothing to do, or
  // the runner is alive: nobody may take the runs of a living one.
  bool onTaskRunnerTimeout(int taskRunnerId);

 private:
  bool isAlive(const Runner& runner) const;
  std::chrono::steady_clock::time_point steadyNow() const;
  bool isKnown(PauseKind kind, const std::string& name);
  bool rescue(int taskRunnerId);
  void giveBackUnstarted(int taskRunnerId);
  void tellOperators();
  // Of each class that a request names, or nothing where no runner has announced it.
  using HandlersOfRequest = std::map<std::string, std::optional<HandlerDeclaration>, std::less<>>;
  std::vector<NewTask> completeTasks(std::span<const NewTask> tasks, UnixSeconds now,
                                     std::vector<InputError>& errors);
  // As it was at most limits_.handlerKept ago.
  std::optional<HandlerDeclaration> handlerOfNewTask(const std::string& taskHandlerClass);
  void completeTask(NewTask& task, HandlersOfRequest& handlers);
  void checkNewTask(const NewTask& task, UnixSeconds now, const std::string& prefix,
                    const HandlersOfRequest& handlers, std::vector<InputError>& errors);

  void checkNotification(const NewTask& task, const std::string& prefix, const HandlersOfRequest& handlers,
                         std::vector<InputError>& errors);

  struct KeptHandler {
    HandlerDeclaration declaration;
    std::chrono::steady_clock::time_point until;
  };

  TaskStore& store_;
  std::unordered_map<std::string, KeptHandler> kept_;
  std::vector<ProcessIdentity> inSight_;  // runners whose processes lived at the last look
  QueueSurroundings surroundings_;
  RescuePolicy rescuePolicy_;
  LeaseWatch& leaseWatch_;
  QueueLimits limits_;
};

}  // namespace taskqueue
