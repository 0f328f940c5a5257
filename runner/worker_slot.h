// A slot for one run at a time, with the worker that does it. A persistent worker stays for the next run, and
// may have further short runs in hand; a command's worker does one run.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "module/platform/batch_record.h"
#include "runner/active_run.h"
#include "runner/pending_runs.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

class WorkerSlot : public WorkerEvents {
 public:
  // Functions that the slot calls on the loop thread. goOn() and killIfLate() may call them before they
  // return.
  struct Owner {
    std::function<void(WorkerSlot&, const Handlers&)> onHandlers;  // a persistent worker has announced itself
    std::function<void(WorkerSlot&, const Refusal&)> onRefused;    // a persistent worker cannot serve
    // The worker asks to be replaced. It takes no run until goOn() is called, if ever.
    std::function<void(WorkerSlot&)> onRecycle;
    std::function<void(WorkerSlot&)> onReady;  // the worker can take a run
    // Take the run and finish it. The resource use is nullptr unless the process has ended.
    std::function<void(WorkerSlot&, const ResourceUse*)> onRunOver;
    // These runs were in the worker's hands, and it has not begun them.
    std::function<void(std::deque<PendingRun>)> onGivenBack;
    std::function<void(WorkerSlot&)> onWorkerGone;  // the worker has ended: the slot may be destroyed
  };

  enum class Kind { Persistent, Command };

  // `pool` is the index of the worker pool; `launchNumber` counts the starts of persistent workers.
  WorkerSlot(Kind kind, std::size_t pool, Owner owner, int launchNumber = 0)
      : kind_(kind), pool_(pool), launchNumber_(launchNumber), owner_(std::move(owner)) {}

  // Launches the worker. Without a record it gets no batches. Throws LaunchError.
  void launch(WorkerLauncher& launcher, LaunchOrder order,
              std::unique_ptr<platform::BatchRecord> record = nullptr);
  // Gives the run to the worker. A command gets TaskData on its standard input.
  void start(std::unique_ptr<ActiveRun> run);
  bool takesBatches() const { return takesBatches_; }
  // Gives the worker a batch, of which it begins the first run at once. Returns false and leaves the runs as
  // they are when that is not possible now; it takes no batch from then on.
  bool startBatch(std::deque<PendingRun>& runs, SteadyTime now);
  // Takes back the runs of the batch that the worker has not begun; onGivenBack gets them.
  void takeBack();

  Kind kind() const { return kind_; }
  std::size_t pool() const { return pool_; }
  int launchNumber() const { return launchNumber_; }
  bool isIdle() const { return ready_ && !run_; }
  // Returns whether a persistent worker has not announced itself yet. It may never do so.
  bool isStarting() const { return kind_ == Kind::Persistent && !wasReady_; }
  bool hasRefused() const { return refused_; }
  bool isHeld() const { return held_; }
  // Returns whether a persistent worker can take a run, now or after its current one.
  bool mayServe() const { return wasReady_ && !retiring_ && !endsBy_ && !killed_; }
  // Lets a worker that asked to be replaced take runs again, because nothing replaces it.
  void goOn();
  // Ends the worker without a further run: now, or after its current run.
  void retire(SteadyTime now);
  // Kills a worker that is not ready in time. Its pool is first reported as refused, except for the pool that
  // must work.
  void killIfLate(SteadyTime now);
  ActiveRun* run() { return run_.get(); }
  std::unique_ptr<ActiveRun> takeRun() { return std::move(run_); }
  // Returns the runs that the worker has in hand besides run().
  const std::deque<PendingRun>& inHand() const { return inHand_; }
  // Returns the tokens of all runs of the last batch: the record has them until the next batch starts.
  const std::vector<std::string>& batchTokens() const { return batchTokens_; }

  // Asks the run to stop: the handler is told, and a command's process group gets SIGTERM. A lost run or
  // lease kills the worker at once.
  void requestStop(StopReason reason, SteadyTime now);
  // Does the same also for runs that the worker has in hand.
  void requestStopOfAll(StopReason reason, SteadyTime now);
  // Does the same for each of these runs that the worker has, also for one that it has in hand only.
  void requestStop(const std::vector<int>& runIds, StopReason reason, SteadyTime now);
  // Kills the worker when the grace time after a stop is over, or when it does not end as announced.
  void killIfOverGrace(SteadyTime now);
  void killWorker();

  void onLine(std::string_view line) override;
  void onLastLine(std::string_view line) override;
  void onControlClosed() override;
  void onOutput(OutputStream stream, std::string_view bytes) override;
  void onExit(const ResourceUse& use) override;
  void onBrokenProtocol(const std::string& problem) override;

 private:
  void onLineOfKilled(std::variant<Report, std::string>& read);
  bool isOfThisRun(const std::string& runToken) const;
  void onOutcome(Outcome outcome);
  void beginNext();
  void giveBack(std::size_t begun);
  void tellStop(StopReason reason);
  void onMask(const Mask& mask);
  void onRecycle();

  Kind kind_;
  std::size_t pool_;
  int launchNumber_;
  Owner owner_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<platform::BatchRecord> record_;  // may be nullptr
  std::unique_ptr<ActiveRun> run_;
  std::deque<PendingRun> inHand_;
  std::vector<std::string> batchTokens_;
  int begun_ = 0;  // runs of the batch whose begin we know of
  bool takesBatches_ = false;
  bool ready_ = false;
  bool wasReady_ = false;
  bool refused_ = false;
  bool held_ = false;      // asks to be replaced
  bool retiring_ = false;  // ends after its run
  SteadyTime launchedAt_{};
  bool killed_ = false;
  // Deadline of a worker that must end: it has done its last run, or its control socket is closed.
  std::optional<SteadyTime> endsBy_;
};

}  // namespace taskqueue::runner
