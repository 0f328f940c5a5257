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
#include "runner/claim_ahead.h"
#include "runner/handler_directory.h"
#include "runner/seat.h"
#include "runner/ticker.h"
#include "runner/worker_hosts.h"
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
  struct Surroundings {
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
    std::vector<platform::WorkerHost>
        hosts;  // of kept workers; the first one, of the C++ handlers, must work
    RetryPolicy retry;
    std::string version;
    // Where ends are kept while the database is away; nothing: nowhere.
    std::function<platform::ResultsJournal(int taskRunnerId)> journal;
    // Where it is noted which runs have begun; nothing: nowhere.
    std::function<std::unique_ptr<platform::StartedRuns>(int taskRunnerId)> started;
    // The surroundings are in the runner's way in these points, though it works. They are shown as its
    // problems.
    std::vector<RunnerProblem> notices;
    // A standalone runner ends by itself: when nothing is due, or after this long.
    std::optional<std::chrono::seconds> standaloneLimit;
  };

  Runner(Surroundings surroundings, Settings settings);
  ~Runner();

  // Starts a worker of each host, registers when they are ready, or with those that are in time, and begins
  // to claim. Then run the loop: it returns when the runner has ended.
  void start();

  // Stops claiming; runs may finish for the drain time, then they are given back. A second request does not
  // wait.
  void requestDrain();
  // Something was enqueued.
  void wake();

  RunnerEnd end() const { return end_; }
  const RunnerSummary& summary() const { return summary_; }

 private:
  // A run that waits for its turn, or for a kept worker to get ready.
  struct WaitingRun {
    std::unique_ptr<RunInHand> run;
    std::shared_ptr<const ServedHandler> handler;
    SteadyTime since;
    std::pair<std::ptrdiff_t, int> rank;  // its queue's place in our list, its priority
  };
  using Waiting = std::list<WaitingRun>;

  void launchKeptSeat(std::size_t host);
  void launchMissing(std::size_t host, int wanted);
  void lookAfterHosts(SteadyTime now);
  void onHandlers(Seat& seat, const Handlers& handlers);
  void welcome(std::size_t host, const Handlers& handlers);
  void retireOthers(const Seat& successor, bool alsoUnworn);
  void onRefused(Seat& seat, const Refusal& refusal);
  void onWorn(Seat& seat);
  void onHostFailed(std::size_t host, const std::string& problem);
  void onHostGivenUp(std::size_t host, const std::string& problem);
  void withdrawUnlessServed(std::size_t host);
  void offerAnew();
  bool isServed(std::size_t host) const;
  void showProblems();
  void registerWhenReady();
  void registerNow();
  void startTicker();

  void onClaimed(std::vector<ClaimedRun> runs);
  void startRun(ClaimedRun run);
  void refuseRun(ClaimedRun run, const std::string& code, const std::string& problem);  // no try can mend it
  void giveBack(ClaimedRun run);
  void startCommand(std::unique_ptr<RunInHand> run, const ServedHandler& handler);
  void serveWaiting();
  Waiting::iterator firstAhead();  // the first one that has no slot yet
  void giveBackWhatWaitsTooLong(SteadyTime now);
  RunVerdict stopWaiting(Waiting::iterator waiting, StopReason reason, SteadyTime now);
  void onRunOver(Seat& seat, const ResourceUse* processEnd);
  void onWorkerGone(Seat& seat);
  void addLookAtCommand(RunEnd& end, const Task& task) const;
  void settle(RunVerdict verdict);
  void showRoom(int freed);

  void stopRuns(const std::vector<int>& runIds, StopReason reason);
  void onLeaseLost(bool forGood);
  void onBroken();

  void scheduleClock();
  void onClock();
  void flushNews();
  void drain();           // within the drain time
  void drainAtLeisure();  // nobody waits for the end
  void endWhenDrained();
  void finishWith(RunnerEnd end);

  int runsInHand() const;
  int runsInSeats() const;
  int countLongRuns() const;
  RunInHand::Limits limitsOf(const ServedHandler& handler) const;
  std::unique_ptr<RunInHand> makeRun(ClaimedRun run, const ServedHandler& handler) const;
  Seat& addSeat(Seat::Kind kind, std::size_t host);
  Seat* idleSeatOf(std::size_t host) const;

  Surroundings outside_;
  Settings settings_;
  HandlerDirectory handlers_;
  WorkerHosts hosts_;
  std::list<std::unique_ptr<Seat>> seats_;
  Waiting waiting_;  // in the order in which they are to be started
  ClaimAhead claimAhead_;
  int room_ = 0;                                     // for runs in hand, as the database thread knows it
  std::optional<platform::ResultsJournal> journal_;  // used by the database thread
  std::unique_ptr<platform::StartedRuns> started_;   // used by both threads
  std::unique_ptr<Ticker> ticker_;
  boost::asio::steady_timer clock_;
  SteadyTime startedAt_{};
  int launches_ = 0;  // of kept workers
  SteadyTime nextFlush_{};
  SteadyTime nextRegistration_{};
  bool draining_ = false;               // no run is claimed any more
  std::optional<SteadyTime> drainEnd_;  // then what is left is given back; nothing: it may take its time
  std::optional<SteadyTime> standaloneEnd_;
  bool registered_ = false;
  bool ended_ = false;
  RunnerEnd end_ = RunnerEnd::Done;
  RunnerSummary summary_;
};

}  // namespace taskqueue::runner
