// A slot for one run at a time and the worker that does it. A persistent worker (C++ pool) stays for the next
// run; a command's worker lives for one run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runner/active_run.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

class WorkerSlot : public WorkerEvents {
 public:
  // What the slot asks of its owner. Called from the loop, never from inside a call to the slot except
  // start().
  struct Owner {
    std::function<void(WorkerSlot&, const Handlers&)> onHandlers;  // a persistent worker has announced itself
    std::function<void(WorkerSlot&, const Refusal&)> onRefused;    // it says that it cannot serve
    std::function<void(WorkerSlot&)>
        onRecycle;  // it wants to be replaced, and takes no run until goOn() or for ever
    std::function<void(WorkerSlot&)> onReady;  // it can take a run
    std::function<void(WorkerSlot&, const ResourceUse*)>
        onRunOver;                                  // finish the run now; the use of a process that ended
    std::function<void(WorkerSlot&)> onWorkerGone;  // the worker has ended: the slot may be destroyed
  };

  enum class Kind { Persistent, Command };

  // `pool` tells the worker pools apart, `launchNumber` the starts of persistent workers.
  WorkerSlot(Kind kind, std::size_t pool, Owner owner, int launchNumber = 0)
      : kind_(kind), pool_(pool), launchNumber_(launchNumber), owner_(std::move(owner)) {}

  // Launches the worker. Throws LaunchError.
  void launch(WorkerLauncher& launcher, const LaunchOrder& order);
  // Gives it a run. A command gets TaskData on its standard input.
  void start(std::unique_ptr<ActiveRun> run);

  Kind kind() const { return kind_; }
  std::size_t pool() const { return pool_; }
  int launchNumber() const { return launchNumber_; }
  bool isIdle() const { return ready_ && !run_; }
  // A persistent worker that has not announced itself yet, and may never do so.
  bool isStarting() const { return kind_ == Kind::Persistent && !wasReady_; }
  bool hasRefused() const { return refused_; }
  bool isHeld() const { return held_; }
  // A persistent worker that can take a run, now or after the one that it does.
  bool mayServe() const { return wasReady_ && !retiring_ && !endsBy_ && !killed_; }
  // A worker that wanted to be replaced takes runs again: nothing replaces it.
  void goOn();
  // It gets no further run and ends: now, or after the one that it does.
  void retire(SteadyTime now);
  // It does not get ready within its time: tells that it is refused, unless its pool must work, and kills it.
  void killIfLate(SteadyTime now);
  ActiveRun* run() { return run_.get(); }
  std::unique_ptr<ActiveRun> takeRun() { return std::move(run_); }

  // Asks the run to stop: the handler is told, a command's process group gets SIGTERM.
  void requestStop(StopReason reason, SteadyTime now);
  // Kills the worker when the grace time after a stop is over, or when it does not end as it said.
  void killIfOverGrace(SteadyTime now);
  void killWorker();

  void onLine(std::string_view line) override;
  void onLastLine(std::string_view line) override;
  void onControlClosed() override;
  void onOutput(OutputStream stream, std::string_view bytes) override;
  void onExit(const ResourceUse& use) override;
  void onBrokenProtocol(const std::string& problem) override;

 private:
  bool isOfThisRun(const std::string& runToken) const;
  void onOutcome(Outcome outcome);
  void onMask(const Mask& mask);

  Kind kind_;
  std::size_t pool_;
  int launchNumber_;
  Owner owner_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<ActiveRun> run_;
  bool ready_ = false;
  bool wasReady_ = false;
  bool refused_ = false;
  bool held_ = false;      // it wants to be replaced
  bool retiring_ = false;  // after its run
  SteadyTime launchedAt_{};
  bool killed_ = false;
  std::optional<SteadyTime> endsBy_;  // of a worker that said that its run was the last, or can say no more
};

}  // namespace taskqueue::runner
