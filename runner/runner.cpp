#include "runner/runner.h"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

#include "module/platform/log.h"
#include "runner/run_log_line.h"
#include "runner/workers/launch_problem.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;
using namespace std::chrono_literals;

constexpr auto kClockPeriod = 100ms;         // precision of time limits and grace times
constexpr auto kRegistrationRetry = 1000ms;  // pause while the database is unavailable at the start
constexpr auto kLastWrites = 5000ms;         // longest wait for the database at the end
// Limits for rows inserted by SQL; the API enforces tighter ones.
constexpr json::Limits kTaskDataLimits{.bytes = 3 << 20};

}  // namespace

Runner::Runner(Dependencies dependencies, Settings settings)
    : dependencies_(std::move(dependencies)),
      settings_(std::move(settings)),
      handlers_(settings_.commands, settings_.configuration.timeLimit),
      pools_(settings_.workerPools),
      pending_(settings_.configuration.queues),
      clock_(dependencies_.loop) {}

Runner::~Runner() = default;

void Runner::start() {
  if (settings_.standaloneLimit)
    standaloneEnd_ = std::chrono::steady_clock::now() + *settings_.standaloneLimit;
  startedAt_ = std::chrono::steady_clock::now();
  scheduleClock();
  for (std::size_t pool = 0; pool < pools_.count(); ++pool) launchPersistentWorker(pool);
}

WorkerSlot& Runner::addSlot(WorkerSlot::Kind kind, std::size_t pool) {
  WorkerSlot::Owner owner;
  owner.onHandlers = [this](WorkerSlot& slot, const Handlers& handlers) { onHandlers(slot, handlers); };
  owner.onRefused = [this](WorkerSlot& slot, const Refusal& refusal) { onRefused(slot, refusal); };
  owner.onRecycle = [this](WorkerSlot& slot) { onRecycle(slot); };
  owner.onReady = [this](WorkerSlot&) { startPendingRuns(); };
  owner.onGivenBack = [this](std::deque<PendingRun> runs) { onGivenBack(std::move(runs)); };
  owner.onRunOver = [this](WorkerSlot& slot, const ResourceUse* processEnd) { onRunOver(slot, processEnd); };
  owner.onWorkerGone = [this](WorkerSlot& slot) { onWorkerGone(slot); };
  const int launch = kind == WorkerSlot::Kind::Persistent ? ++launches_ : 0;
  slots_.push_back(std::make_unique<WorkerSlot>(kind, pool, std::move(owner), launch));
  return *slots_.back();
}

// A pool that hangs while it loads must not delay the others.
void Runner::registerWhenReady() {
  if (registered_ || nextRegistration_ != SteadyTime{} || ended_) return;
  const bool isLate = std::chrono::steady_clock::now() >= startedAt_ + settings_.configuration.poolsWait;
  if (pools_.allHaveAnnounced() || (isLate && pools_.hasAnnounced(0))) registerNow();
}

void Runner::registerNow() {
  NewRunner self;
  TaskQueue::onBeforeTaskRunnerCreate(self);
  self.version = settings_.version;
  self.queues = settings_.configuration.queues;
  self.slots = settings_.configuration.slots;
  try {
    summary_.taskRunnerId = dependencies_.store.registerRunner(self, handlers_.declarations());
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::Broken) {
      log(Level::Error, "the runner cannot register", {{"problem", error.what()}});
      return onBroken();
    }
    log(Level::Warning, "the runner cannot register yet", {{"problem", error.what()}});
    nextRegistration_ = std::chrono::steady_clock::now() + kRegistrationRetry;
    return;
  }
  registered_ = true;
  log(Level::Info, "the runner works",
      {{"TaskRunnerId", std::int64_t{summary_.taskRunnerId}},
       {"slots", std::int64_t{settings_.configuration.slots}}});
  startDatabaseThread();
}

void Runner::startDatabaseThread() {
  const platform::RunnerConfiguration& from = settings_.configuration;
  DatabaseThread::Settings settings{.taskRunnerId = summary_.taskRunnerId,
                                    .queues = from.queues,
                                    .handlers = handlers_.classes(),
                                    .heartbeat = from.heartbeat,
                                    .lease = from.lease,
                                    .peerCheck = from.peerCheck,
                                    .flush = from.flush,
                                    .pollBusy = from.pollBusy,
                                    .pollIdle = from.pollIdle,
                                    .probe = from.probe,
                                    .wakeUps = dependencies_.wakeUps};
  const auto onLoop = [this](auto action) { boost::asio::post(dependencies_.loop, std::move(action)); };
  DatabaseThread::Callbacks callbacks;
  callbacks.onClaimed = [this, onLoop](std::vector<ClaimedRun> runs) {
    onLoop([this, taken = std::move(runs)]() mutable { onClaimed(std::move(taken)); });
  };
  callbacks.onCancelRequested = [this, onLoop](std::vector<int> runIds) {
    onLoop([this, ids = std::move(runIds)] { stopRuns(ids, StopReason::Cancelled); });
  };
  callbacks.onLost = [this, onLoop](std::vector<int> runIds) {
    onLoop([this, ids = std::move(runIds)] { stopRuns(ids, StopReason::Lost); });
  };
  callbacks.onDrainRequested = [this, onLoop] { onLoop([this] { drainWithoutLimit(); }); };
  callbacks.onStopRequested = [this, onLoop] {
    // Each later heartbeat repeats the request; this does not count as a second one.
    onLoop([this] {
      if (!drainEnd_) drain();
    });
  };
  callbacks.onLeaseLost = [this, onLoop](bool forGood) { onLoop([this, forGood] { onLeaseLost(forGood); }); };
  callbacks.onLoopStandsStill = [this] { dependencies_.onLoopStandsStill(); };
  callbacks.onBroken = [this, onLoop](const std::string&) { onLoop([this] { onBroken(); }); };
  if (settings_.journal) {
    journal_ = settings_.journal(summary_.taskRunnerId);
    callbacks.onJournal = [this](std::span<const RunEnd> ends) { return journal_->append(ends); };
    callbacks.onAllWritten = [this] { journal_->remove(); };
  }
  if (settings_.started) {
    started_ = settings_.started(summary_.taskRunnerId);
    callbacks.onWritten = [this](const SyncRequest& written) {
      for (const RunEnd& end : written.ends) started_->remove(end.owned.runToken);
      for (const RunRelease& release : written.releases) started_->remove(release.owned.runToken);
    };
  }
  databaseThread_ = std::make_unique<DatabaseThread>(dependencies_.store, dependencies_.queue,
                                                     std::move(settings), std::move(callbacks));
  updateCapacity(0);
  showProblems();
  if (draining_) databaseThread_->stopClaiming();
  databaseThread_->start();
}

void Runner::onClaimed(std::vector<ClaimedRun> runs) {
  if (ended_) return;
  const bool nothingDue = runs.empty();
  summary_.claimed += static_cast<int>(runs.size());
  for (ClaimedRun& run : runs) startRun(std::move(run));
  startPendingRuns();
  if (nothingDue && settings_.standaloneLimit && activeRuns() == 0) drainWithoutLimit();
}

ActiveRun::Limits Runner::limitsOf(const ServedHandler& handler) const {
  const platform::RunnerConfiguration& from = settings_.configuration;
  ActiveRun::Limits limits{.output = {from.outputHeadBytes, from.outputTailBytes},
                           .timeLimit = std::chrono::seconds(handler.declaration.settings.timeLimitSeconds),
                           .killGrace = from.killGrace,
                           .onCrash = handler.declaration.settings.onCrash,
                           .retry = handler.declaration.settings.retryPolicy(settings_.retry)};
  if (handler.command) limits.retryAfter = handler.command->retryAfter;
  limits.outcomeNeeded = !handler.command;
  return limits;
}

void Runner::startRun(ClaimedRun run) {
  auto handler = handlers_.find(run.task.taskHandlerClass);
  if (handler == nullptr)
    return releaseUnstarted(std::move(run));  // the handler was withdrawn after the claim
  if (run.task.taskData.empty()) run.task.taskData = "{}";
  // A row inserted by SQL was not checked yet, but a handler may rely on its schema.
  const auto problems = handler->dataSchema.check(run.task.taskData, kTaskDataLimits);
  if (!problems.empty()) {
    return refuseRun(std::move(run), "task_data",
                     "TaskData" + problems.front().member + " " + problems.front().problem + ".");
  }
  const auto now = std::chrono::steady_clock::now();
  auto active = std::make_unique<ActiveRun>(std::move(run), limitsOf(*handler), now);
  pending_.add(std::move(active), std::move(handler), now);
}

void Runner::releaseUnstarted(ClaimedRun run) {
  const auto now = std::chrono::steady_clock::now();
  ActiveRun active(std::move(run), {}, now);
  handleVerdict(stopUnstarted(active, StopReason::Shutdown, dependencies_.chance(), now));
}

void Runner::refuseRun(ClaimedRun run, const std::string& code, const std::string& problem) {
  ActiveRun refused(std::move(run), {}, std::chrono::steady_clock::now());
  RunEnd end = refused.finishUnstarted(problem, dependencies_.chance());
  end.errorCode = code;
  end.giveUp = true;
  endRun(refused.run(), std::move(end), {});
}

void Runner::onRunOver(WorkerSlot& slot, const ResourceUse* processEnd) {
  const auto run = slot.takeRun();
  const auto now = std::chrono::steady_clock::now();
  prefetch_.runTook(run->age(now));
  if (run->outcome() && run->outcome()->took) {
    batches_.ended(run->run().task.taskHandlerClass, *run->outcome()->took, run->isSilent());
  }
  const auto took = run->duration(now);
  RunVerdict verdict = run->finish(processEnd, dependencies_.chance(), now);
  if (auto* end = std::get_if<RunEnd>(&verdict)) addLookAtCommand(*end, run->run().task);
  const bool isLost = std::holds_alternative<std::monostate>(verdict);
  if (started_ && isLost)
    started_->remove(run->owned().runToken);  // no end and no release of it will be written
  endRun(run->run(), std::move(verdict), took);
}

void Runner::endRun(const ClaimedRun& run, RunVerdict verdict, SteadyTime::duration age) {
  if (settings_.configuration.logRuns && !settings_.onRunOver) logRun(endsToLog_, run, verdict, age);
  if (settings_.onRunOver) {
    settings_.onRunOver(run, verdict, std::chrono::duration_cast<std::chrono::milliseconds>(age));
  }
  handleVerdict(std::move(verdict));
}

// A script with Windows line ends may have been started by an interpreter that could not read it.
void Runner::addLookAtCommand(RunEnd& end, const Task& task) const {
  if (end.errorCode != "exit_status") return;
  const auto handler = handlers_.find(task.taskHandlerClass);
  if (handler == nullptr || !handler->command) return;
  const std::string problem = findFirstLineProblem(handler->command->command.front());
  if (!problem.empty()) end.errorMessage += " " + problem;
}

void Runner::handleVerdict(RunVerdict verdict) {
  if (auto* end = std::get_if<RunEnd>(&verdict)) {
    ++summary_.ended[end->status];
    databaseThread_->finish(std::move(*end));
  } else if (auto* release = std::get_if<RunRelease>(&verdict)) {
    ++summary_.released;
    databaseThread_->release(std::move(*release));
  }
  updateCapacity(1);
  endWhenDrained();
}

// Tells the database thread how many more runs we take, of which `freed` have just ended.
void Runner::updateCapacity(int freed) {
  const int slots = settings_.configuration.slots;
  const int room = slots + prefetch_.runsBeyond(slots - countLongRuns());
  databaseThread_->addFreeSlots(room - std::exchange(capacity_, room) + freed);
}

void Runner::onWorkerGone(WorkerSlot& slot) {
  const bool neverReady = slot.isStarting() && !slot.hasRefused();
  if (started_) started_->keep(slot.batchTokens());  // the worker's record goes with the slot
  // The slot must not be destroyed within its own event, so this waits for the next turn of the loop.
  boost::asio::post(dependencies_.loop, [this, gone = &slot, pool = slot.pool(), neverReady] {
    slots_.remove_if([gone](const auto& kept) { return kept.get() == gone; });
    if (ended_) return;
    if (neverReady) onPoolFailed(pool, "");
    if (ended_) return;
    withdrawUnlessServed(pool);
    startPendingRuns();
    endWhenDrained();
  });
}

void Runner::stopRuns(const std::vector<int>& runIds, StopReason reason) {
  const auto now = std::chrono::steady_clock::now();
  const auto isMeant = [&](const ActiveRun& run) {
    return std::find(runIds.begin(), runIds.end(), run.owned().runId) != runIds.end();
  };
  for (const auto& slot : slots_) slot->requestStop(runIds, reason, now);
  for (auto waiting = pending_.begin(); waiting != pending_.end();) {
    if (isMeant(*waiting->run)) {
      handleVerdict(stopWaiting(waiting, reason, now));
    } else {
      ++waiting;
    }
  }
}

RunVerdict Runner::stopWaiting(PendingRuns::Place& waiting, StopReason reason, SteadyTime now) {
  const auto run = pending_.take(waiting);
  return stopUnstarted(*run, reason, dependencies_.chance(), now);
}

void Runner::onLeaseLost(bool forGood) {
  const StopReason reason = forGood ? StopReason::Lost : StopReason::LeaseLost;
  const auto now = std::chrono::steady_clock::now();
  for (const auto& slot : slots_) slot->requestStopOfAll(reason, now);
  stopRuns(pending_.runIds(), reason);
  if (forGood) finishWith(RunnerEnd::Fenced);
}

void Runner::onBroken() {
  finishWith(RunnerEnd::Broken);
}

void Runner::requestDrain() {
  if (!drainEnd_) return drain();
  drainEnd_ = std::chrono::steady_clock::now();  // a second request ends the drain time
}

void Runner::drain() {
  drainEnd_ = std::chrono::steady_clock::now() + settings_.configuration.drainLimit;
  drainWithoutLimit();
}

void Runner::drainWithoutLimit() {
  if (draining_ || ended_) return;
  log(Level::Info, "the runner drains", {{"runs", std::int64_t{activeRuns()}}});
  draining_ = true;
  if (databaseThread_) databaseThread_->stopClaiming();
  endWhenDrained();
}

void Runner::endWhenDrained() {
  if (!draining_ || ended_ || activeRuns() > 0) return;
  finishWith(RunnerEnd::Done);  // the database thread releases runs of a claim in progress
}

void Runner::finishWith(RunnerEnd end) {
  if (ended_) return;
  ended_ = true;
  end_ = end;
  if (databaseThread_) {
    const bool written = databaseThread_->stop(end == RunnerEnd::Done ? kLastWrites : 0ms);
    if (!written && end_ == RunnerEnd::Done) end_ = RunnerEnd::Unwritten;
    if (started_ && (end_ == RunnerEnd::Done || end_ == RunnerEnd::Fenced)) started_->removeFile();
  }
  boost::asio::post(dependencies_.loop, [this] {
    slots_.clear();  // kills the remaining workers
    clock_.cancel();
    dependencies_.loop.stop();
  });
}

// Counts the slots that will not be free soon: nothing is prefetched for them.
int Runner::countLongRuns() const {
  const auto now = std::chrono::steady_clock::now();
  return static_cast<int>(std::count_if(slots_.begin(), slots_.end(), [&](const auto& slot) {
    return slot->run() != nullptr && slot->run()->age(now) >= Prefetch::kLongestWait;
  }));
}

void Runner::scheduleClock() {
  clock_.expires_after(kClockPeriod);
  clock_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    onClock();
    if (!ended_) scheduleClock();
  });
}

void Runner::onClock() {
  const auto now = std::chrono::steady_clock::now();
  if (databaseThread_) databaseThread_->loopTurned();
  if (!registered_ && nextRegistration_ != SteadyTime{} && now >= nextRegistration_) {
    nextRegistration_ = {};
    registerNow();
  }
  registerWhenReady();
  if (standaloneEnd_ && !draining_ && now >= *standaloneEnd_) drain();
  const bool drainIsOver = drainEnd_ && now >= *drainEnd_;
  for (const auto& slot : slots_) {
    if (slot->run() != nullptr && slot->run()->isOverTime(now)) slot->requestStop(StopReason::TimeLimit, now);
    if (drainIsOver) slot->requestStopOfAll(StopReason::Shutdown, now);
    if (slot->run() != nullptr && slot->run()->age(now) >= BatchPolicy::kLongRun) slot->takeBack();
    slot->killIfOverGrace(now);
    slot->killIfLate(now);
  }
  if (databaseThread_ && databaseThread_->losesLease()) onLeaseLost(false);
  maintainPools(now);
  releaseLongWaiting(now);
  if (drainIsOver) stopRuns(pending_.runIds(), StopReason::Shutdown);
  endsToLog_.write();
  if (databaseThread_ && now >= nextFlush_) {
    nextFlush_ = now + settings_.configuration.flush;
    flushLiveUpdates();
  }
}

void Runner::flushLiveUpdates() {
  if (!databaseThread_->acceptsLiveUpdates()) return;
  for (const auto& slot : slots_) {
    ActiveRun* run = slot->run();
    if (run == nullptr) continue;
    if (auto progress = run->takeProgress()) databaseThread_->report(std::move(*progress));
    for (const auto stream : {OutputStream::StandardOutput, OutputStream::ErrorOutput}) {
      if (auto chunk = run->takeOutput(stream)) databaseThread_->addOutput(std::move(*chunk));
    }
  }
}

}  // namespace taskqueue::runner
