// Part of Runner: its persistent workers and its pending runs.
#include <algorithm>
#include <utility>

#include "module/platform/log.h"
#include "runner/runner.h"

namespace taskqueue::runner {

using platform::Level;
using platform::log;

namespace {

constexpr std::size_t kShippedHandlers = 0;  // the pool of the C++ handlers comes first

}  // namespace

void Runner::launchPersistentWorker(std::size_t pool) {
  WorkerSlot& slot = addSlot(WorkerSlot::Kind::Persistent, pool);
  try {
    LaunchOrder order;
    order.command = pools_.config(pool).command;
    // The shipped handlers need the database account; a site's handlers must not get it.
    const platform::RunnerConfiguration& from = settings_.configuration;
    order.owner = pool == kShippedHandlers ? from.workerOwner : from.ownerOfHandlers();
    slot.launch(dependencies_.launcher, order, settings_.batchRecord ? settings_.batchRecord() : nullptr);
  } catch (const LaunchError& error) {
    log(Level::Error, "a worker cannot be started",
        {{"pool", pools_.config(pool).name}, {"problem", error.what()}});
    slots_.pop_back();
    onPoolFailed(pool, error.what());
  }
}

// The remark shows on the pages which parts of an announcement cannot be used.
void Runner::registerPool(std::size_t pool, const Handlers& handlers) {
  std::string remark;
  for (const std::string& problem : handlers.problems) remark += problem + ". ";
  for (const std::string& name :
       handlers_.setPoolHandlers(pool, pools_.config(pool).kind, handlers.handlers)) {
    remark += "The handler " + name + " is served by another pool already. ";
  }
  if (!remark.empty()) {
    log(Level::Warning, "a pool has announced what cannot be used",
        {{"pool", pools_.config(pool).name}, {"problem", remark}});
  }
  pools_.setRemark(pool, remark);
}

void Runner::onHandlers(WorkerSlot& slot, const Handlers& handlers) {
  const std::size_t pool = slot.pool();
  const bool wasGivenUp = pools_.isGivenUp(pool);
  switch (pools_.announced(pool, handlers.handlers, slot.launchNumber())) {
    case WorkerPools::Announcement::Changed:
      registerPool(pool, handlers);
      retireReplaced(slot, /*alsoFresh=*/true);
      if (registered_) {
        log(Level::Info, "a pool of workers has announced its handlers",
            {{"pool", pools_.config(pool).name}});
        reannounceHandlers();
      }
      break;
    case WorkerPools::Announcement::Same:
      retireReplaced(slot, /*alsoFresh=*/false);
      break;
    case WorkerPools::Announcement::Outdated:
      return slot.retire(std::chrono::steady_clock::now());
  }
  if (wasGivenUp || registered_) showProblems();
  registerWhenReady();
}

// Retires other ready workers of the pool: those that asked to be replaced, or all, because they may not know
// the new handlers.
void Runner::retireReplaced(const WorkerSlot& successor, bool alsoFresh) {
  const auto now = std::chrono::steady_clock::now();
  for (const auto& slot : slots_) {
    const bool isOther = slot.get() != &successor && slot->kind() == WorkerSlot::Kind::Persistent &&
                         slot->pool() == successor.pool() && !slot->isStarting();
    if (isOther && (alsoFresh || slot->isHeld())) slot->retire(now);
  }
}

// Pending runs whose class is no longer served are released.
void Runner::reannounceHandlers() {
  if (databaseThread_) databaseThread_->announce(handlers_.declarations());
  const auto now = std::chrono::steady_clock::now();
  for (auto waiting = pending_.begin(); waiting != pending_.end();) {
    if (auto handler = handlers_.find(waiting->run->run().task.taskHandlerClass)) {
      waiting->handler = std::move(handler);
      ++waiting;
    } else {
      handleVerdict(stopWaiting(waiting, StopReason::Shutdown, now));
    }
  }
}

// Returns whether a worker of the pool can take runs, now or after its current one.
bool Runner::isServed(std::size_t pool) const {
  return std::any_of(slots_.begin(), slots_.end(), [pool](const auto& slot) {
    return slot->kind() == WorkerSlot::Kind::Persistent && slot->pool() == pool && slot->mayServe();
  });
}

// A pool that fails to start is still offered while an earlier worker of it works.
void Runner::withdrawUnlessServed(std::size_t pool) {
  if (pool == 0 || !pools_.isGivenUp(pool) || pools_.wasNeverReady(pool) || pools_.isWithdrawn(pool) ||
      isServed(pool))
    return;
  log(Level::Error, "the handlers of a pool are withdrawn until it starts",
      {{"pool", pools_.config(pool).name}});
  pools_.withdraw(pool);
  handlers_.removePoolHandlers(pool);
  reannounceHandlers();
}

void Runner::showProblems() {
  std::vector<RunnerProblem> problems = settings_.notices;
  for (RunnerProblem& problem : pools_.problems()) problems.push_back(std::move(problem));
  if (databaseThread_) databaseThread_->setProblems(std::move(problems));
}

void Runner::onRefused(WorkerSlot& slot, const Refusal& refusal) {
  const std::size_t pool = slot.pool();
  const bool isNew = !pools_.isGivenUp(pool) || pools_.findProblem(pool) != refusal.problem;
  pools_.refused(pool, refusal.problem, std::chrono::steady_clock::now(), refusal.watches);
  if (isNew) onPoolGivenUp(pool, refusal.problem);
}

// Starts the worker's successor at once; the worker takes no run meanwhile.
void Runner::onRecycle(WorkerSlot& slot) {
  const std::size_t pool = slot.pool();
  if (draining_ || pools_.isGivenUp(pool)) return slot.goOn();
  const bool isComing = std::any_of(slots_.begin(), slots_.end(), [pool](const auto& other) {
    return other->isStarting() && other->pool() == pool;
  });
  if (!isComing && pools_.mayStart(pool, std::chrono::steady_clock::now())) launchPersistentWorker(pool);
}

void Runner::onPoolFailed(std::size_t pool, const std::string& problem) {
  const bool isNew = !pools_.isGivenUp(pool);
  if (pools_.startFailed(pool, std::chrono::steady_clock::now(), problem) == WorkerPools::Failure::TryAgain)
    return;
  if (isNew) onPoolGivenUp(pool, problem.empty() ? "its workers end before they are ready" : problem);
}

void Runner::onPoolGivenUp(std::size_t pool, const std::string& problem) {
  log(Level::Error, "a worker pool is left out until it starts",
      {{"pool", pools_.config(pool).name}, {"problem", problem}});
  showProblems();
  if (pool == 0) return onBroken();
  for (const auto& slot : slots_) {
    if (slot->kind() == WorkerSlot::Kind::Persistent && slot->pool() == pool) slot->goOn();
  }
  withdrawUnlessServed(pool);
  registerWhenReady();
}

// Retries pools that do not work, and starts pending runs.
void Runner::maintainPools(SteadyTime now) {
  for (std::size_t pool = 0; pool < pools_.count(); ++pool) {
    const bool isComing = std::any_of(slots_.begin(), slots_.end(), [pool](const auto& slot) {
      return slot->isStarting() && slot->pool() == pool;
    });
    const bool isWanted = pools_.wasNeverReady(pool) || pools_.isGivenUp(pool);
    if (isWanted && !isComing && pools_.mayStart(pool, now)) launchPersistentWorker(pool);
  }
  if (!pending_.isEmpty()) startPendingRuns();
}

WorkerSlot* Runner::findIdleSlot(std::size_t pool) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [pool](const auto& slot) {
    return slot->kind() == WorkerSlot::Kind::Persistent && slot->pool() == pool && slot->isIdle();
  });
  return found == slots_.end() ? nullptr : found->get();
}

int Runner::activeRuns() const {
  int inHand = 0;
  for (const auto& slot : slots_) inHand += static_cast<int>(slot->inHand().size());
  return pending_.count() + runsInSlots() + inHand;
}

int Runner::runsInSlots() const {
  return static_cast<int>(
      std::count_if(slots_.begin(), slots_.end(), [](const auto& slot) { return slot->run(); }));
}

PendingRuns::Place Runner::firstPrefetched() {
  return pending_.at(std::max(0, settings_.configuration.slots - runsInSlots()));
}

// Starts the pending runs that have a slot: commands at once, others in an idle persistent worker. For each
// run without such a worker, one is started.
void Runner::startPendingRuns() {
  const auto now = std::chrono::steady_clock::now();
  std::vector<int> wanted(pools_.count());
  auto end = firstPrefetched();
  for (auto waiting = pending_.begin(); waiting != end && !ended_;) {
    const auto handler = waiting->handler;
    WorkerSlot* slot = handler->command ? nullptr : findIdleSlot(handler->pool);
    if (!handler->command && slot == nullptr) {
      ++wanted[handler->pool];
      ++waiting;
      continue;
    }
    if (slot != nullptr) {
      startInWorker(waiting, *slot, now);
    } else {
      auto run = pending_.take(waiting);
      run->start(now);
      if (started_) started_->add(run->owned().runToken);
      startCommand(std::move(run), *handler);
    }
    end = firstPrefetched();
  }
  for (std::size_t pool = 0; pool < pools_.count() && !ended_; ++pool) launchMissing(pool, wanted[pool]);
}

void Runner::startInWorker(PendingRuns::Place& waiting, WorkerSlot& slot, SteadyTime now) {
  auto batch = slot.takesBatches() && started_ ? takeBatch(waiting) : std::deque<PendingRun>();
  if (batch.size() > 1) {
    started_->keep(
        slot.batchTokens());  // the new batch takes the place of the last one in the worker's record
    if (slot.startBatch(batch, now)) return started_->expect(slot.batchTokens());
  }
  if (batch.empty()) batch.push_back(pending_.takePending(waiting));
  auto run = std::move(batch.front().run);
  batch.pop_front();
  for (; !batch.empty(); batch.pop_back()) pending_.putBack(std::move(batch.back()));
  run->start(now);
  if (started_) started_->add(run->owned().runToken);
  slot.start(std::move(run));
}

// Takes the first run and those after it that a worker may get with it.
std::deque<PendingRun> Runner::takeBatch(PendingRuns::Place& first) {
  const int slots = settings_.configuration.slots;
  const int share = (pending_.count() + slots - 1) / slots;  // the other slots must get their part
  const std::size_t pool = first->handler->pool;
  std::deque<PendingRun> batch;
  BatchPolicy::Duration work{};
  const auto fits = [&](const PendingRun& pending) {
    const Task& task = pending.run->run().task;
    const int count = static_cast<int>(batch.size()) + 1;
    return task.taskData.size() <= BatchPolicy::kMaxTaskDataBytes && count <= share &&
           batches_.mayHave(task.taskHandlerClass, std::max(count, 2)) &&
           work + batches_.expected(task.taskHandlerClass) <= BatchPolicy::kWork;
  };
  for (auto at = first; at != pending_.end();) {
    if (at->handler->command || at->handler->pool != pool) {
      ++at;
      continue;
    }
    if (!fits(*at)) break;
    const bool isFirst = at == first;
    work += batches_.expected(at->run->run().task.taskHandlerClass);
    batch.push_back(pending_.takePending(at));
    if (isFirst) first = at;
  }
  return batch;
}

// A run that is to stop, or whose handler was withdrawn meanwhile, waits no further.
void Runner::onGivenBack(std::deque<PendingRun> runs) {
  const auto now = std::chrono::steady_clock::now();
  for (; !runs.empty(); runs.pop_back()) {
    PendingRun& pending = runs.back();
    if (started_) started_->remove(pending.run->owned().runToken);
    pending.handler = handlers_.find(pending.run->run().task.taskHandlerClass);
    const auto reason = pending.handler == nullptr ? StopReason::Shutdown : pending.run->stopReason();
    if (reason) {
      handleVerdict(stopUnstarted(*pending.run, *reason, dependencies_.chance(), now));
    } else {
      pending_.putBack(std::move(pending));
    }
  }
}

void Runner::startCommand(std::unique_ptr<ActiveRun> run, const ServedHandler& handler) {
  LaunchOrder order;
  const platform::CommandHandler& command = *handler.command;
  order.command = command.command;
  order.environment = command.environment;
  order.environment.push_back("TASKQUEUE_TASK_ID=" + std::to_string(run->owned().taskQueueId));
  order.environment.push_back("TASKQUEUE_RUN_ID=" + std::to_string(run->owned().runId));
  order.environment.push_back("TASKQUEUE_ATTEMPT=" + std::to_string(run->run().attempt));
  order.workBase = settings_.configuration.workBase();
  order.limits = command.limits;
  order.owner = command.owner ? command.owner : settings_.configuration.ownerOfHandlers();
  WorkerSlot& slot = addSlot(WorkerSlot::Kind::Command, 0);
  try {
    slot.launch(dependencies_.launcher, order);
  } catch (const LaunchError& error) {
    slots_.pop_back();
    return endRun(run->run(), run->finishUnstarted(error.what(), dependencies_.chance()), {});
  }
  slot.start(std::move(run));
}

void Runner::launchMissing(std::size_t pool, int wanted) {
  const auto starting = std::count_if(slots_.begin(), slots_.end(), [pool](const auto& slot) {
    return slot->isStarting() && slot->pool() == pool;
  });
  for (auto missing = wanted - starting; missing > 0; --missing) {
    if (!pools_.mayStart(pool, std::chrono::steady_clock::now())) return;
    launchPersistentWorker(pool);
  }
}

// Releases prefetched runs that found no slot in time: another runner may have one.
void Runner::releaseLongWaiting(SteadyTime now) {
  for (auto waiting = firstPrefetched(); waiting != pending_.end();) {
    if (now - waiting->since >= Prefetch::kLongestWait) {
      prefetch_.waitedTooLong();
      handleVerdict(stopWaiting(waiting, StopReason::Shutdown, now));
    } else {
      ++waiting;
    }
  }
}

}  // namespace taskqueue::runner
