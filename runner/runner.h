// One task-runner: registers itself, takes runs from the database thread, gives them to workers, and ends
// them.
//
// Lives on the loop thread; the database thread reaches it only by posting to the loop.
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
#include "module/platform/results_journal.h"
#include "module/platform/started_runs.h"
#include "module/queue/task_queue.h"
#include "runner/database_thread.h"
#include "runner/handler_directory.h"
#include "runner/prefetch.h"
#include "runner/worker_pools.h"
#include "runner/worker_slot.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

enum class RunnerEnd {
  Done,      // drained by request; its row says `success`
  Fenced,    // its row was ended by somebody else
  Broken,    // a bug, or a schema that does not fit
  Unwritten  // drained, but the database stayed away: what it had done will be tried again
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
    TaskStore& store;  // given over to the database thread while the runner runs
    TaskQueue& queue;  // over the same store
    WorkerLauncher& launcher;
    std::function<double()> chance;  // random, in [0, 1)
    // The loop stands still and the lease is about to end: ends the process, and with it the workers. Called
    // on the database thread; does not return.
    std::function<void()> onLoopStandsStill;
  };

  struct Settings {
    platform::RunnerConfiguration configuration;
    std::vector<platform::CommandHandler> commands;
    std::vector<platform::WorkerPoolConfig>
        workerPools;  // of persistent workers; the first one, of the C++ handlers, must work
    RetryPolicy retry;
    std::string version;
    // Where ends are kept while the database is away; nothing: nowhere.
    std::function<platform::ResultsJournal(int taskRunnerId)> journal;
    // Where it is noted which runs have begun; nothing: nowhere.
    std::function<std::unique_ptr<platform::StartedRuns>(int taskRunnerId)> started;
    // The environment is in the runner's way in these points, though it works. They are shown as its
    // problems.
    std::vector<RunnerProblem> notices;
    // A standalone runner ends by itself: when nothing is due, or after this long.
    std::optional<std::chrono::seconds> standaloneLimit;
  };

  Runner(Dependencies dependencies, Settings settings);
  ~Runner();

  // Starts a worker of each pool, registers when they are ready, or with those that are in time, and begins
  // to claim. Then run the loop: it returns when the runner has ended.
  void start();

  // Stops claiming; runs may finish for the drain time, then they are released. A second request does not
  // wait.
  void requestDrain();
  // Something was enqueued.
  void wake();

  RunnerEnd end() const { return end_; }
  const RunnerSummary& summary() const { return summary_; }

 private:
  // A run that waits for its turn, or for a persistent worker to get ready.
  struct PendingRun {
    std::unique_ptr<ActiveRun> run;
    std::shared_ptr<const ServedHandler> handler;
    SteadyTime since;
    std::pair<std::ptrdiff_t, int> rank;  // its queue's place in our list, its priority
  };
  using PendingRuns = std::list<PendingRun>;

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
  void refuseRun(ClaimedRun run, const std::string& code, const std::string& problem);  // no try can mend it
  void releaseUnstarted(ClaimedRun run);
  void startCommand(std::unique_ptr<ActiveRun> run, const ServedHandler& handler);
  void startPendingRuns();
  PendingRuns::iterator firstPrefetched();  // the first one that has no slot yet
  void releaseLongWaiting(SteadyTime now);
  RunVerdict stopWaiting(PendingRuns::iterator waiting, StopReason reason, SteadyTime now);
  void onRunOver(WorkerSlot& slot, const ResourceUse* processEnd);
  void onWorkerGone(WorkerSlot& slot);
  void addLookAtCommand(RunEnd& end, const Task& task) const;
  void handleVerdict(RunVerdict verdict);
  void updateCapacity(int freed);

  void stopRuns(const std::vector<int>& runIds, StopReason reason);
  void onLeaseLost(bool forGood);
  void onBroken();

  void scheduleClock();
  void onClock();
  void flushLiveUpdates();
  void drain();              // within the drain time
  void drainWithoutLimit();  // nobody waits for the end
  void endWhenDrained();
  void finishWith(RunnerEnd end);

  int activeRuns() const;
  int runsInSlots() const;
  int countLongRuns() const;
  ActiveRun::Limits limitsOf(const ServedHandler& handler) const;
  std::unique_ptr<ActiveRun> makeRun(ClaimedRun run, const ServedHandler& handler) const;
  WorkerSlot& addSlot(WorkerSlot::Kind kind, std::size_t pool);
  WorkerSlot* findIdleSlot(std::size_t pool) const;

  Dependencies dependencies_;
  Settings settings_;
  HandlerDirectory handlers_;
  WorkerPools pools_;
  std::list<std::unique_ptr<WorkerSlot>> slots_;
  PendingRuns pending_;  // in the order in which they are to be started
  Prefetch prefetch_;
  int capacity_ = 0;                                 // for active runs, as the database thread knows it
  std::optional<platform::ResultsJournal> journal_;  // used by the database thread
  std::unique_ptr<platform::StartedRuns> started_;   // used by both threads
  std::unique_ptr<DatabaseThread> databaseThread_;
  boost::asio::steady_timer clock_;
  SteadyTime startedAt_{};
  int launches_ = 0;  // of persistent workers
  SteadyTime nextFlush_{};
  SteadyTime nextRegistration_{};
  bool draining_ = false;               // no run is claimed any more
  std::optional<SteadyTime> drainEnd_;  // then what is left is released; nothing: it may take its time
  std::optional<SteadyTime> standaloneEnd_;
  bool registered_ = false;
  bool ended_ = false;
  RunnerEnd end_ = RunnerEnd::Done;
  RunnerSummary summary_;
};

}  // namespace taskqueue::runner
