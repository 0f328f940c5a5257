#include "runner/database_thread.h"

#include <malloc.h>

#include <algorithm>
#include <utility>

#include "module/platform/log.h"
#include "runner/resource_use.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;
using namespace std::chrono_literals;

// After so many bytes of output were written, the free memory is returned to the system.
constexpr std::size_t kTrimAfterBytes = 1 << 20;

}  // namespace

DatabaseThread::DatabaseThread(RunnerStore& store, TaskQueue& queue, Settings settings, Callbacks callbacks)
    : store_(store),
      settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      lease_(settings_.lease, settings_.heartbeat),
      outbox_({callbacks_.onJournal, callbacks_.onAllWritten}),
      peers_(queue, settings_.peerCheck, settings_.lease),
      announcement_(settings_.handlers),
      bell_(settings_.wakeUps),
      pace_({settings_.pollBusy, settings_.pollIdle, settings_.probe}) {}

DatabaseThread::~DatabaseThread() {
  stop(0ms);
}

void DatabaseThread::start() {
  lease_.renewed(Clock::now());
  loopTurned();
  thread_ = std::thread([this] { loop(); });
}

void DatabaseThread::finish(RunEnd end) {
  const std::lock_guard lock(mutex_);
  outbox_.add(std::move(end));
  endsToJournal_ = backoff_ > 0ms;
  bell_.ring();
}

void DatabaseThread::release(RunRelease release) {
  const std::lock_guard lock(mutex_);
  outbox_.add(std::move(release));
  bell_.ring();
}

void DatabaseThread::addFreeSlots(int count) {
  const std::lock_guard lock(mutex_);
  pace_.addFreeSlots(count);
  bell_.ring();
}

void DatabaseThread::stopClaiming() {
  const std::lock_guard lock(mutex_);
  pace_.stop();
}

bool DatabaseThread::acceptsLiveUpdates() {
  const std::lock_guard lock(mutex_);
  return !outbox_.hasOutput() && backoff_ == 0ms;
}

void DatabaseThread::wake() {
  const std::lock_guard lock(mutex_);
  pace_.wake();
  bell_.ring();
}

void DatabaseThread::announce(std::vector<HandlerDeclaration> handlers) {
  const std::lock_guard lock(mutex_);
  announcement_.replace(std::move(handlers));
  bell_.ring();
}

bool DatabaseThread::isStopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void DatabaseThread::setProblems(std::vector<RunnerProblem> problems) {
  const std::lock_guard lock(mutex_);
  problems_ = std::move(problems);
}

bool DatabaseThread::stop(std::chrono::milliseconds limit) {
  {
    const std::lock_guard lock(mutex_);
    pace_.stop();
    stopping_ = true;
    stopDeadline_ = Clock::now() + limit;
    bell_.ring();
  }
  if (thread_.joinable()) thread_.join();
  return allWritten_;
}

DatabaseThread::Clock::time_point DatabaseThread::nextTurn() const {
  auto next = std::min(nextHeartbeat_, peers_.nextLook());
  if (const auto claim = pace_.nextClaim()) next = std::min(next, *claim);
  if (outbox_.hasLiveUpdates()) next = std::min(next, nextFlush_);
  if (const auto announce = announcement_.dueAt()) next = std::min(next, *announce);
  if (outbox_.hasWrites() || stopping_) next = Clock::time_point{};
  next = endsToJournal_ ? Clock::time_point{} : std::max(next, notBefore_);
  next = std::min(next, lease_.nextLook());  // also while backing off
  return stopping_ ? std::min(next, stopDeadline_) : next;
}

void DatabaseThread::endIfDone(bool stopping) {
  bool done = false;
  {
    const std::lock_guard lock(mutex_);
    backoff_ = 0ms;
    endsToJournal_ = false;
    // The loop does not know runs that were claimed while it stopped: they are released before the row ends.
    if (stopping && outbox_.isEmpty()) owned_.releaseAll(outbox_);
    done = outbox_.isEmpty();
  }
  if (done) outbox_.dropJournaledEnds();
  if (stopping && done) {
    store_.endRunner(settings_.taskRunnerId);
    over_ = true;
  }
}

void DatabaseThread::loop() {
  while (!over_) {
    {
      std::unique_lock lock(mutex_);
      for (auto at = nextTurn(); Clock::now() < at; at = nextTurn()) {
        if (const auto wake = bell_.wait(lock, at)) pace_.wake(wake->newTasks);
      }
    }
    runOnce();
  }
}

void DatabaseThread::runOnce() {
  bool stopping = false;
  bool late = false;
  bool backingOff = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
    late = stopping_ && Clock::now() >= stopDeadline_;
    backingOff = !late && Clock::now() < notBefore_;
  }
  lease_.lookAtLoop(stopping);
  if (backingOff) {
    journalEnds();
    return checkLease();
  }
  try {
    // Each of the other steps may take seconds. A heartbeat waits for at most one of them.
    sendHeartbeat();
    if (lease_.loopStandsStill()) checkLease();
    if (!over_ && !isStopping() && announcement_.write(store_, settings_.taskRunnerId)) wake();
    sendHeartbeat();
    if (!over_ && peers_.run()) wake();
    sendHeartbeat();
    outbox_.requeueLocked(isStopping());
    probe();
    sync();
    trimMemory();
    endIfDone(stopping);
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::Broken || error.kind() == StoreError::Kind::Conflict) {
      log(Level::Error, "the database refused a statement", {{"problem", error.what()}});
      callbacks_.onBroken(error.what());
      over_ = true;
      allWritten_ = false;
      return;
    }
    onUnavailable(error);
    journalEnds();
    checkLease();
  }
  if (late && !over_) {
    over_ = true;
    allWritten_ = false;
  }
}

void DatabaseThread::sendHeartbeat() {
  if (over_) return;
  const auto now = Clock::now();
  RunnerCondition said;
  {
    const std::lock_guard lock(mutex_);
    if (now < nextHeartbeat_ || stopping_) return;
    if (lease_.loopStandsStill()) {
      nextHeartbeat_ = now + settings_.heartbeat;
      return;
    }
    said.problems = problems_;
  }
  said.memoryKb = residentKb();
  outbox_.describe(said);
  const HeartbeatResult result = store_.heartbeat(settings_.taskRunnerId, said);
  if (!result.runnerAlive) {
    log(Level::Error, "this runner's row was ended by somebody else: its runs are no longer its own",
        {{"TaskRunnerId", std::int64_t{settings_.taskRunnerId}}});
    outbox_.dropJournaledEnds();  // the process that ended the row has written the ends that it found
    callbacks_.onLeaseLost(true);
    over_ = true;
    return;
  }
  lease_.renewed(now);
  {
    const std::lock_guard lock(mutex_);
    nextHeartbeat_ = now + lease_.untilNextHeartbeat(!owned_.isEmpty());
  }
  reconcile(result);
}

void DatabaseThread::reconcile(const HeartbeatResult& result) {
  auto [unknown, lost] = owned_.reconcile(result.owned, outbox_);
  const auto lostCount = static_cast<std::int64_t>(lost.size());
  if (!lost.empty()) callbacks_.onLost(std::move(lost));
  if (!result.cancelRequested.empty()) callbacks_.onCancelRequested(result.cancelRequested);
  if (result.stopRequested) {
    callbacks_.onStopRequested();
  } else if (result.drainRequested) {
    callbacks_.onDrainRequested();
  }
  store_.count(Counter::UnknownRuns, unknown);
  store_.count(Counter::LostRuns, lostCount);
}

void DatabaseThread::probe() {
  if (over_) return;
  {
    const std::lock_guard lock(mutex_);
    if (!pace_.isProbeDue() || stopping_) return;
  }
  const std::int64_t newest = store_.newestTask();
  const std::lock_guard lock(mutex_);
  pace_.probed(newest);
}

SyncRequest DatabaseThread::takeRequest() {
  const std::lock_guard lock(mutex_);
  SyncRequest request;
  request.taskRunnerId = settings_.taskRunnerId;
  request.queues = settings_.queues;
  request.handlers = announcement_.claimable();
  if (!outbox_.take(request)) return request;
  pace_.take(request, lease_.loopStandsStill());
  nextFlush_ = Clock::now() + settings_.flush;
  return request;
}

void DatabaseThread::sync() {
  if (over_) return;
  SyncRequest request = takeRequest();
  const bool idle = request.ends.empty() && request.releases.empty() && request.progress.empty() &&
                    request.output.empty() && request.claimLimit == 0;
  if (idle) return;
  try {
    const SyncResult result = store_.sync(request);
    applyResult(request, result);
  } catch (const StoreError& error) {
    if (request.claimLimit > 0) wake();  // why it was to claim is forgotten
    if (error.kind() == StoreError::Kind::Broken && outbox_.isolateRejectedWrite(request, error.what()))
      return;
    if (error.kind() == StoreError::Kind::TryAgain && outbox_.deferLocked(request, error.what())) return;
    outbox_.giveBack(std::move(request));
    throw;
  }
}

// Texts of many ended runs leave free memory in the allocator's arenas of this thread and of the loop's.
void DatabaseThread::trimMemory() {
  if (writtenBytes_ < kTrimAfterBytes || !outbox_.isEmpty()) return;
  ::malloc_trim(0);
  writtenBytes_ = 0;
}

void DatabaseThread::applyResult(const SyncRequest& request, const SyncResult& result) {
  owned_.remove(request);
  outbox_.written(request);
  for (const RunEnd& end : request.ends) writtenBytes_ += keptBytes(end);
  for (const int id : result.lostRuns) {
    log(Level::Warning, "the end of a run was refused: it is no longer ours",
        {{"TaskRunId", std::int64_t{id}}});
  }
  if (callbacks_.onWritten) callbacks_.onWritten(request);
  owned_.add(result.claimed);
  if (request.claimLimit == 0) return;
  {
    const std::lock_guard lock(mutex_);
    pace_.claimed(request, result);
    if (!result.claimed.empty())
      nextHeartbeat_ = std::min(nextHeartbeat_, Clock::now() + settings_.heartbeat);
  }
  // That nothing was due is told by looks alone.
  if (request.named.empty() || !result.claimed.empty()) callbacks_.onClaimed(result.claimed);
}

void DatabaseThread::onUnavailable(const StoreError& error) {
  const std::lock_guard lock(mutex_);
  outbox_.unlockAll();
  if (backoff_ == 0ms) log(Level::Warning, "the database cannot be used now", {{"problem", error.what()}});
  backoff_ = backoff_ == 0ms ? settings_.firstBackoff : std::min(backoff_ * 2, settings_.longestBackoff);
  notBefore_ = Clock::now() + backoff_;
}

void DatabaseThread::journalEnds() {
  {
    const std::lock_guard lock(mutex_);
    endsToJournal_ = false;
  }
  outbox_.journalEnds();
}

void DatabaseThread::checkLease() {
  if (!losesLease()) return;
  if (lease_.loopStandsStill()) return callbacks_.onLoopStandsStill();
  callbacks_.onLeaseLost(false);
}

}  // namespace taskqueue::runner
