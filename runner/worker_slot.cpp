#include "runner/worker_slot.h"

#include <algorithm>
#include <utility>

#include "module/platform/log.h"

namespace taskqueue::runner {
namespace {

constexpr std::chrono::seconds kForFirstWords{30};  // time for a persistent worker to announce itself
constexpr std::size_t kPoolThatMustWork = 0;        // one late start must not end the runner
constexpr std::chrono::seconds kForLastWords{2};    // time to end after the last run
// Time after the start for a worker that refused and watches.
constexpr std::chrono::seconds kForWatching{90};
// Time to end after it closed the control socket; its process tree may end slowly.
constexpr std::chrono::seconds kForEndOfSilent{10};

// Returns the reason for the worker. A lost run is not stopped but killed.
handlers::StopReason reasonToTell(StopReason reason) {
  switch (reason) {
    case StopReason::Cancelled:
      return handlers::StopReason::Cancelled;
    case StopReason::TimeLimit:
      return handlers::StopReason::TimeLimit;
    case StopReason::Shutdown:
    case StopReason::LeaseLost:
    case StopReason::Lost:
      break;
  }
  return handlers::StopReason::Shutdown;
}

// Returns whether the worker must not go on for another moment.
bool isAtOnce(StopReason reason) {
  return reason == StopReason::Lost || reason == StopReason::LeaseLost;
}

}  // namespace

void WorkerSlot::launch(WorkerLauncher& launcher, LaunchOrder order,
                        std::unique_ptr<platform::BatchRecord> record) {
  if (record) order.batchDescriptor = record->descriptor();
  record_ = std::move(record);
  worker_ = launcher.launch(order, *this);
  launchedAt_ = std::chrono::steady_clock::now();
  if (kind_ != Kind::Persistent) return;
  worker_->giveInput("");  // reads from standard input, also by child processes, must not block
  worker_->send(helloLine());
}

void WorkerSlot::start(std::unique_ptr<ActiveRun> run) {
  run_ = std::move(run);
  if (kind_ == Kind::Persistent) {
    worker_->setBatch(false);
    worker_->send(runLine(run_->run()));
  } else {
    worker_->giveInput(run_->run().task.taskData);
  }
}

bool WorkerSlot::startBatch(std::deque<PendingRun>& runs, SteadyTime now) {
  std::vector<const ClaimedRun*> orders;
  std::vector<std::string> tokens;
  for (const PendingRun& pending : runs) {
    orders.push_back(&pending.run->run());
    tokens.push_back(pending.run->owned().runToken);
  }
  takesBatches_ = takesBatches_ && record_->handOver(tokens);
  if (!takesBatches_) return false;
  batchTokens_ = std::move(tokens);
  worker_->setBatch(true);
  worker_->send(batchLine(orders));
  inHand_ = std::move(runs);
  runs.clear();
  begun_ = 0;
  run_ = std::move(inHand_.front().run);
  inHand_.pop_front();
  ++begun_;
  run_->start(now);
  return true;
}

void WorkerSlot::takeBack() {
  if (!inHand_.empty()) giveBack(static_cast<std::size_t>(std::max(record_->holdBack() - begun_, 0)));
}

// Gives back all runs in hand but the first `begun` ones, which the worker may have begun.
void WorkerSlot::giveBack(std::size_t begun) {
  std::deque<PendingRun> back;
  while (inHand_.size() > begun) {
    back.push_front(std::move(inHand_.back()));
    inHand_.pop_back();
  }
  if (!back.empty()) owner_.onGivenBack(std::move(back));
}

void WorkerSlot::requestStop(StopReason reason, SteadyTime now) {
  if (!run_ || !worker_) return;
  takeBack();
  // What the worker begins at this very moment is killed with it, and then released.
  for (const PendingRun& pending : inHand_) {
    if (isAtOnce(reason)) pending.run->requestStop(StopReason::LeaseLost, now);
  }
  const bool isNew = run_->requestStop(reason, now);
  if (isNew || isAtOnce(reason)) tellStop(reason);
}

void WorkerSlot::requestStopOfAll(StopReason reason, SteadyTime now) {
  requestStop(reason, now);
  for (const PendingRun& pending : inHand_) pending.run->requestStop(reason, now);
}

void WorkerSlot::requestStop(const std::vector<int>& runIds, StopReason reason, SteadyTime now) {
  const auto isMeant = [&](const ActiveRun& run) {
    return std::find(runIds.begin(), runIds.end(), run.owned().runId) != runIds.end();
  };
  if (!run_ || !worker_) return;
  if (std::any_of(inHand_.begin(), inHand_.end(), [&](const auto& one) { return isMeant(*one.run); }))
    takeBack();
  for (const PendingRun& pending : inHand_) {
    if (isMeant(*pending.run)) pending.run->requestStop(reason, now);
  }
  if (isMeant(*run_)) requestStop(reason, now);
}

void WorkerSlot::tellStop(StopReason reason) {
  if (isAtOnce(reason)) return killWorker();
  worker_->send(cancelLine(reasonToTell(reason), kind_ == Kind::Command ? "" : run_->owned().runToken));
  if (kind_ == Kind::Command) worker_->terminate();
}

void WorkerSlot::killIfOverGrace(SteadyTime now) {
  const bool staysTooLong = endsBy_ && now >= *endsBy_;
  if (staysTooLong && run_ && !killed_)
    onBrokenProtocol("it has closed descriptor 3 in the middle of a run and does not end");
  if (staysTooLong || (run_ && run_->isOverGrace(now))) killWorker();
}

void WorkerSlot::goOn() {
  if (!std::exchange(held_, false)) return;
  ready_ = true;
  owner_.onReady(*this);
}

void WorkerSlot::retire(SteadyTime now) {
  if (run_) {
    retiring_ = true;
    return takeBack();
  }
  ready_ = false;
  held_ = false;
  if (!endsBy_) endsBy_ = now + kForLastWords;
  worker_->terminate();
}

void WorkerSlot::killIfLate(SteadyTime now) {
  if (!isStarting() || killed_ || now - launchedAt_ < kForFirstWords) return;
  if (refused_) {
    if (now - launchedAt_ >= kForWatching) killWorker();
    return;
  }
  platform::log(platform::Level::Warning, "a worker is killed: it does not get ready",
                {{"pool", static_cast<std::int64_t>(pool_)}, {"seconds", kForFirstWords.count()}});
  if (pool_ != kPoolThatMustWork) {
    refused_ = true;
    owner_.onRefused(*this, {.problem = "a worker was not ready " + std::to_string(kForFirstWords.count()) +
                                        " s after its start; the runner's log tells more",
                             .watches = false});
  }
  killWorker();  // counts as a failed start, unless the pool is given up already
}

void WorkerSlot::killWorker() {
  if (!worker_ || std::exchange(killed_, true)) return;
  worker_->kill();
}

void WorkerSlot::onLine(std::string_view line) {
  if (killed_ && inHand_.empty()) return;  // later reports do not count
  auto read = readReport(line);
  if (killed_) return onLineOfKilled(read);
  if (const auto* problem = std::get_if<std::string>(&read)) {
    // A command may write anything to its descriptor 3; a wrong line costs the run.
    onBrokenProtocol(*problem);
    return killWorker();
  }
  Report& report = std::get<Report>(read);
  if (auto* handlers = std::get_if<Handlers>(&report)) {
    if (kind_ != Kind::Persistent || wasReady_ || refused_) return;
    ready_ = true;
    wasReady_ = true;
    takesBatches_ = handlers->protocol >= kBatchProtocolVersion && record_ && record_->descriptor() >= 0;
    owner_.onHandlers(*this, *handlers);
    if (ready_) owner_.onReady(*this);
  } else if (auto* refusal = std::get_if<Refusal>(&report)) {
    if (!isStarting() || refused_) return;
    refused_ = true;
    owner_.onRefused(*this, *refusal);
  } else if (std::holds_alternative<Recycle>(report)) {
    onRecycle();
  } else if (auto* progress = std::get_if<Progress>(&report)) {
    if (run_ && isOfThisRun(progress->runToken)) run_->setProgress(*progress);
  } else if (auto* mask = std::get_if<Mask>(&report)) {
    onMask(*mask);
  } else {
    onOutcome(std::move(std::get<Outcome>(report)));
  }
}

// A worker that had begun the next run of its batch before it was killed has ended the one before it.
void WorkerSlot::onLineOfKilled(std::variant<Report, std::string>& read) {
  auto* report = std::get_if<Report>(&read);
  auto* outcome = report == nullptr ? nullptr : std::get_if<Outcome>(report);
  if (outcome != nullptr && outcome->next) onOutcome(std::move(*outcome));
}

// Leftover processes of an earlier run may still write valid messages to the worker's descriptor 3.
bool WorkerSlot::isOfThisRun(const std::string& runToken) const {
  if (kind_ == Kind::Command || runToken == run_->owned().runToken) return true;
  platform::log(platform::Level::Warning, "a worker speaks of another run than the one in hand: not believed",
                {{"TaskRunId", std::int64_t{run_->owned().runId}}});
  return false;
}

// A run that the worker was given meanwhile takes precedence: its end tells what comes next.
void WorkerSlot::onRecycle() {
  if (kind_ == Kind::Command || run_ || !ready_) return;
  ready_ = false;
  held_ = true;
  owner_.onRecycle(*this);
}

// A value that cannot be masked would be revealed, so the run ends.
void WorkerSlot::onMask(const Mask& mask) {
  if (!run_ || !isOfThisRun(mask.runToken)) return;
  const auto problem = run_->mask(mask.value);
  if (!problem) return;
  onBrokenProtocol(*problem);
  killWorker();
}

// A persistent worker that ends within a line has crashed; its exit will say so.
void WorkerSlot::onLastLine(std::string_view line) {
  if (kind_ == Kind::Command) onLine(line);
}

void WorkerSlot::onOutcome(Outcome outcome) {
  if (!run_ || !isOfThisRun(outcome.runToken)) return;
  const bool next = outcome.next;
  const bool last = (outcome.last || retiring_) && !next;
  const bool recycle = outcome.recycle && !last && !next;
  const bool isAskedToEnd = retiring_ && !outcome.last;
  if (next && (kind_ == Kind::Command || inHand_.empty())) {
    onBrokenProtocol("it says that it has begun a further run, and has none in hand");
    return killWorker();
  }
  run_->setOutcome(std::move(outcome));
  if (kind_ == Kind::Command) return;  // its run ends with its process
  if (next) return beginNext();
  worker_->drainOutput();  // output written before the outcome is in the pipes by now
  if (last) {
    ready_ = false;
    endsBy_ = std::chrono::steady_clock::now() + kForLastWords;
    if (isAskedToEnd) worker_->terminate();
  }
  if (recycle) {
    ready_ = false;
    held_ = true;
  }
  owner_.onRunOver(*this, nullptr);
  giveBack(0);
  if (recycle) {
    owner_.onRecycle(*this);
  } else if (!last) {
    owner_.onReady(*this);
  }
}

// The pipes may have output of the next run by now. What was read before this message belongs to the run that
// ends.
void WorkerSlot::beginNext() {
  worker_->deliverOutput();
  owner_.onRunOver(*this, nullptr);
  run_ = std::move(inHand_.front().run);
  inHand_.pop_front();
  ++begun_;
  run_->start(std::chrono::steady_clock::now());
  if (const auto reason = run_->stopReason()) tellStop(*reason);
}

// A command needs no descriptor 3. A persistent worker without it can neither report how its run ends nor
// take another one. If its process is ending, its exit status will tell.
void WorkerSlot::onControlClosed() {
  if (kind_ == Kind::Command || endsBy_) return;
  ready_ = false;
  held_ = false;
  endsBy_ = std::chrono::steady_clock::now() + kForEndOfSilent;
}

void WorkerSlot::onOutput(OutputStream stream, std::string_view bytes) {
  if (run_) return run_->addOutput(stream, bytes);
  constexpr std::size_t kBytesLogged = 1000;
  platform::log(platform::Level::Warning, "a worker wrote something outside a run",
                {{"text", TextCleaner().clean(bytes.substr(0, kBytesLogged))}});
}

void WorkerSlot::onExit(const ResourceUse& use) {
  ready_ = false;
  held_ = false;
  if (run_) owner_.onRunOver(*this, &use);
  giveBack(0);
  owner_.onWorkerGone(*this);
}

void WorkerSlot::onBrokenProtocol(const std::string& problem) {
  platform::log(platform::Level::Warning, "a worker broke the protocol",
                {{"problem", run_ ? run_->masked(problem) : problem}});
  if (run_) run_->setBroken(problem);
}

}  // namespace taskqueue::runner
