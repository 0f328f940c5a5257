// One task-runner. It registers itself, takes runs from the database thread, gives them to workers, and ends
// them.
//
// It lives on the loop thread. The database thread reaches it only by posting to the loop.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "module/platform/configuration.h"
#include "module/platform/log.h"
#include "module/platform/results_journal.h"
#include "module/platform/started_runs.h"
#include "module/queue/task_queue.h"
#include "runner/batch_policy.h"
#include "runner/database_thread.h"
#include "runner/handler_directory.h"
#include "runner/pending_runs.h"
#include "runner/prefetch.h"
#include "runner/worker_pools.h"
#include "runner/worker_slot.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

enum class RunnerEnd {
  Done,      // drained by request; its row is `success`
  Fenced,    // something else ended its row
  Broken,    // a bug, or a schema that does not fit
  Unwritten  // drained, but the database stayed unavailable: unwritten runs will be tried again
};

struct RunnerSummary {
  int taskRunnerId = 0;
  int claimed = 0;
  int released = 0;
  std::map<RunStatus, int> ended;
};

class Runner {
 public:
  struct Dependencies {
    boost::asio::io_context& loop;
    RunnerStore& store;  // the database thread uses it while the runner works
    TaskQueue& queue;    // uses the same store
    WorkerLauncher& launcher;
    std::function<double()> chance;  // returns a random number in [0, 1)
    // Called on the database thread when the loop stands still and the lease will soon end. It ends the
    // process and thereby the workers; it does not return.
    std::function<void()> onLoopStandsStill;
    WakeSocket* wakeUps = nullptr;  // the database thread uses it; null: none
  };

  struct Settings {
    platform::RunnerConfiguration configuration;
    std::vector<platform::CommandHandler> commands;
    // The first pool has the shipped C++ handlers; the runner cannot work without it.
    std::vector<platform::WorkerPoolConfig> workerPools;
    RetryPolicy retry;
    std::string version;
    // Makes the journal for ends while the database is unavailable. May be empty: no journal is kept.
    std::function<platform::ResultsJournal(int taskRunnerId)> journal;
    // Makes the file that records which runs have started. May be empty: no such file is kept.
    std::function<std::unique_ptr<platform::StartedRuns>(int taskRunnerId)> started;
    // Makes the record of the batches of one worker. May be empty: no worker gets a batch.
    std::function<std::unique_ptr<platform::BatchRecord>()> batchRecord;
    // Environment problems that do not stop the runner. The pages show them.
    std::vector<RunnerProblem> notices;
    // Called on the loop thread when a run that a worker had, or that no worker may have, is over. May be
    // empty.
    std::function<void(const ClaimedRun&, const RunVerdict&, std::chrono::milliseconds age)> onRunOver;
    // A standalone runner ends by itself: when nothing is due, or after this time.
    std::optional<std::chrono::seconds> standaloneLimit;
  };

  Runner(Dependencies dependencies, Settings settings);
  ~Runner();

  // Starts a worker of each pool, registers the runner and begins to claim. Pools that are late do not delay
  // the registration. Run the loop afterwards; it returns when the runner has ended.
  void start();

  // Stops claiming. Runs may finish within the drain time; then they are released. A second request ends the
  // drain time at once.
  void requestDrain();
  // Stops claiming. Runs may finish without a limit, then the runner ends.
  void drainWithoutLimit();

  RunnerEnd end() const { return end_; }
  const RunnerSummary& summary() const { return summary_; }

 private:
  void launchPersistentWorker(std::size_t pool);
  void launchMissing(std::size_t pool, int wanted);
  void maintainPools(SteadyTime now);
  void onHandlers(WorkerSlot& slot, const Handlers& handlers);
  void registerPool(std::size_t pool, const Handlers& handlers);
  void retireReplaced(const WorkerSlot& successor, bool alsoFresh);
  void onRefused(WorkerSlot& slot, const Refusal& refusal);
  void onRecycle(WorkerSlot& slot);
  void onPoolFailed(std::size_t pool, const std::string& problem);
  void onPoolGivenUp(std::size_t pool, const std::string& problem);
  void withdrawUnlessServed(std::size_t pool);
  void reannounceHandlers();
  bool isServed(std::size_t pool) const;
  void showProblems();
  void registerWhenReady();
  void registerNow();
  void startDatabaseThread();

  void onClaimed(std::vector<ClaimedRun> runs);
  void startRun(ClaimedRun run);
  // Ends the run as a failure that no retry can mend.
  void refuseRun(ClaimedRun run, const std::string& code, const std::string& problem);
  void releaseUnstarted(ClaimedRun run);
  void startCommand(std::unique_ptr<ActiveRun> run, const ServedHandler& handler);
  void startPendingRuns();
  void startInWorker(PendingRuns::Place& waiting, WorkerSlot& slot, SteadyTime now);
  std::deque<PendingRun> takeBatch(PendingRuns::Place& first);
  void onGivenBack(std::deque<PendingRun> runs);
  PendingRuns::Place firstPrefetched();  // the first one without a slot
  void releaseLongWaiting(SteadyTime now);
  RunVerdict stopWaiting(PendingRuns::Place& waiting, StopReason reason, SteadyTime now);
  void onRunOver(WorkerSlot& slot, const ResourceUse* processEnd);
  void onWorkerGone(WorkerSlot& slot);
  void addLookAtCommand(RunEnd& end, const Task& task) const;
  // Handles the end of a run that was started or refused. It is reported to onRunOver of the settings, or
  // else to the log.
  void endRun(const ClaimedRun& run, RunVerdict verdict, SteadyTime::duration age);
  void handleVerdict(RunVerdict verdict);
  void updateCapacity(int freed);

  void stopRuns(const std::vector<int>& runIds, StopReason reason);
  void onLeaseLost(bool forGood);
  void onBroken();

  void scheduleClock();
  void onClock();
  void flushLiveUpdates();
  void drain();  // drains within the drain time
                 // lets the runs finish, however long they take
  void endWhenDrained();
  void finishWith(RunnerEnd end);

  int activeRuns() const;
  int runsInSlots() const;
  int countLongRuns() const;
  ActiveRun::Limits limitsOf(const ServedHandler& handler) const;
  WorkerSlot& addSlot(WorkerSlot::Kind kind, std::size_t pool);
  WorkerSlot* findIdleSlot(std::size_t pool) const;

  Dependencies dependencies_;
  Settings settings_;
  HandlerDirectory handlers_;
  WorkerPools pools_;
  std::list<std::unique_ptr<WorkerSlot>> slots_;
  PendingRuns pending_;
  Prefetch prefetch_;
  BatchPolicy batches_;
  int capacity_ = 0;  // number of active runs that the database thread was told we can take
  std::optional<platform::ResultsJournal> journal_;  // used by the database thread
  std::unique_ptr<platform::StartedRuns> started_;   // used by both threads
  std::unique_ptr<DatabaseThread> databaseThread_;
  boost::asio::steady_timer clock_;
  SteadyTime startedAt_{};
  int launches_ = 0;  // starts of persistent workers so far
  SteadyTime nextFlush_{};
  platform::LogBatch endsToLog_;  // written at the next turn of the clock
  SteadyTime nextRegistration_{};
  bool draining_ = false;  // claims no more runs
  // End of the drain time, when unfinished runs are released; absent: no limit.
  std::optional<SteadyTime> drainEnd_;
  std::optional<SteadyTime> standaloneEnd_;
  bool registered_ = false;
  bool ended_ = false;
  RunnerEnd end_ = RunnerEnd::Done;
  RunnerSummary summary_;
};

}  // namespace taskqueue::runner
