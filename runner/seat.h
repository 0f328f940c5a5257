// A seat for one run at a time and the worker that does it. A kept worker (C++ host) stays for the next run;
// a command's worker lives for one run.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "runner/run_in_hand.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

class Seat : public WorkerEvents {
 public:
  // What the seat asks of its owner. Called from the loop, never from inside a call to the seat except
  // start().
  struct Owner {
    std::function<void(Seat&, const Handlers&)> onHandlers;            // a kept worker has announced itself
    std::function<void(Seat&, const std::string& problem)> onRefused;  // it says that it cannot serve
    std::function<void(Seat&)> onReady;                                // it can take a run
    std::function<void(Seat&, const ResourceUse*)>
        onRunOver;                            // finish the run now; the use of a process that ended
    std::function<void(Seat&)> onWorkerGone;  // the worker has ended: the seat may be destroyed
  };

  enum class Kind { Kept, Command };

  // `host` tells the hosts of kept workers apart.
  Seat(Kind kind, std::size_t host, Owner owner) : kind_(kind), host_(host), owner_(std::move(owner)) {}

  // Launches the worker. Throws LaunchError.
  void launch(WorkerLauncher& launcher, const LaunchOrder& order);
  // Gives it a run. A command gets TaskData on its standard input.
  void start(std::unique_ptr<RunInHand> run);

  Kind kind() const { return kind_; }
  std::size_t host() const { return host_; }
  bool isIdle() const { return ready_ && !run_; }
  // A kept worker that has not announced itself yet.
  bool isStarting() const { return kind_ == Kind::Kept && !wasReady_; }
  // It does not get ready within its time: tells that it is refused, unless its host must work, and kills it.
  void killIfLate(SteadyTime now);
  RunInHand* run() { return run_.get(); }
  std::unique_ptr<RunInHand> takeRun() { return std::move(run_); }

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

  Kind kind_;
  std::size_t host_;
  Owner owner_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<RunInHand> run_;
  bool ready_ = false;
  bool wasReady_ = false;
  SteadyTime launchedAt_{};
  bool killed_ = false;
  std::optional<SteadyTime> endsBy_;  // of a worker that said that its run was the last, or can say no more
};

}  // namespace taskqueue::runner
