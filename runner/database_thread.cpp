#include "runner/database_thread.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "module/platform/log.h"
#include "runner/move_all.h"
#include "runner/resource_use.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;
using namespace std::chrono_literals;

// Most bytes of finished runs in one transaction: their text must fit into one packet.
constexpr std::size_t kBytesPerSync = 4 << 20;
constexpr std::size_t kEndsPerSync = 500;
// While this runner owns no run, heartbeats come this many times less often, as far as the lease permits.
constexpr int kIdleHeartbeats = 5;
constexpr int kHeartbeatsOfALease = 6;  // at least this many heartbeats fit into a lease
constexpr int kPartOfLeaseForLoop = 3;  // the loop must turn within a third of the lease
constexpr int kLooksPerPeerCheck = 10;
// Every runner repairs tasks that the CMS's editor left behind; the overseer does so too.
constexpr auto kBetweenRepairs = 60s;
constexpr auto kLongestRepair = 3s;           // a repair delays the heartbeat by at most this time
constexpr auto kBetweenFallbackPasses = 10s;  // a fallback pass checks whether the overseer is silent
constexpr auto kWhileHandlersAreLocked = 2s;

std::size_t bytesOf(const RunEnd& end) {
  return end.standardOutput.kept.size() + end.errorOutput.kept.size() +
         (end.results ? end.results->size() : 0);
}

}  // namespace

DatabaseThread::DatabaseThread(RunnerStore& store, TaskQueue& queue, Settings settings, Callbacks callbacks)
    : store_(store),
      queue_(queue),
      settings_(std::move(settings)),
      callbacks_(std::move(callbacks)),
      loopWatch_(std::chrono::milliseconds(settings_.lease) / kPartOfLeaseForLoop) {
  pending_.taskRunnerId = settings_.taskRunnerId;
  pending_.queues = settings_.queues;
  pending_.handlers = settings_.handlers;
}

DatabaseThread::~DatabaseThread() {
  stop(0ms);
}

void DatabaseThread::start() {
  lastBeat_ = Clock::now();
  loopTurned();
  poll_ = settings_.pollBusy;
  thread_ = std::thread([this] { loop(); });
}

void DatabaseThread::finish(RunEnd end) {
  const std::lock_guard lock(mutex_);
  endedOn_.emplace(end.owned.runToken, Clock::now());
  pending_.ends.push_back(std::move(end));
  endsToJournal_ = backoff_ > 0ms;
  changed_.notify_one();
}

void DatabaseThread::release(RunRelease release) {
  const std::lock_guard lock(mutex_);
  pending_.releases.push_back(std::move(release));
  changed_.notify_one();
}

void DatabaseThread::report(RunProgress progress) {
  const std::lock_guard lock(mutex_);
  // Only the newest report of a run counts: it replaces an older one that is not yet written.
  const auto older =
      std::find_if(pending_.progress.begin(), pending_.progress.end(),
                   [&](const RunProgress& p) { return p.owned.runId == progress.owned.runId; });
  if (older != pending_.progress.end()) {
    *older = std::move(progress);
  } else {
    pending_.progress.push_back(std::move(progress));
  }
}

void DatabaseThread::addOutput(OutputChunk chunk) {
  const std::lock_guard lock(mutex_);
  pending_.output.push_back(std::move(chunk));
}

void DatabaseThread::addFreeSlots(int count) {
  const std::lock_guard lock(mutex_);
  freeSlots_ += count;
  changed_.notify_one();
}

void DatabaseThread::stopClaiming() {
  const std::lock_guard lock(mutex_);
  claiming_ = false;
}

bool DatabaseThread::acceptsLiveUpdates() {
  const std::lock_guard lock(mutex_);
  return pending_.output.empty() && backoff_ == 0ms;
}

void DatabaseThread::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  changed_.notify_one();
}

void DatabaseThread::announce(std::vector<HandlerDeclaration> handlers) {
  const std::lock_guard lock(mutex_);
  const auto isOffered = [&](const std::string& name) {
    return std::any_of(handlers.begin(), handlers.end(),
                       [&](const HandlerDeclaration& handler) { return handler.taskHandlerClass == name; });
  };
  std::erase_if(pending_.handlers, [&](const std::string& name) { return !isOffered(name); });
  announcement_ = std::move(handlers);
  announceAt_ = {};
  ++announcementNumber_;
  changed_.notify_one();
}

void DatabaseThread::writeAnnouncement() {
  std::vector<HandlerDeclaration> handlers;
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (over_ || stopping_ || !announcement_ || Clock::now() < announceAt_) return;
    handlers = *announcement_;
    number = announcementNumber_;
  }
  try {
    store_.announceHandlers(settings_.taskRunnerId, handlers);
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::TryAgain) throw;
    // A site's transaction has locked rows of TaskHandlers. The ends of runs must not wait for it.
    const std::lock_guard lock(mutex_);
    announceAt_ = Clock::now() + kWhileHandlersAreLocked;
    return;
  }
  const std::lock_guard lock(mutex_);
  if (number != announcementNumber_) return;  // a newer announcement waits to be written
  announcement_.reset();
  pending_.handlers.clear();
  for (const HandlerDeclaration& handler : handlers) pending_.handlers.push_back(handler.taskHandlerClass);
  woken_ = true;
}

void DatabaseThread::setProblems(std::vector<RunnerProblem> problems) {
  const std::lock_guard lock(mutex_);
  problems_ = std::move(problems);
}

bool DatabaseThread::stop(std::chrono::milliseconds limit) {
  {
    const std::lock_guard lock(mutex_);
    claiming_ = false;
    stopping_ = true;
    stopDeadline_ = Clock::now() + limit;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
  return allWritten_;
}

bool DatabaseThread::hasWork() const {
  return !pending_.ends.empty() || !pending_.releases.empty();
}

DatabaseThread::Clock::time_point DatabaseThread::nextTurn() const {
  auto next = std::min(nextHeartbeat_, nextPeerLook_);
  if (claiming_ && freeSlots_ > 0) next = std::min(next, woken_ ? Clock::time_point{} : nextPoll_);
  if (!pending_.progress.empty() || !pending_.output.empty()) next = std::min(next, nextFlush_);
  if (announcement_) next = std::min(next, announceAt_);
  if (hasWork() || stopping_) next = Clock::time_point{};
  next = endsToJournal_ ? Clock::time_point{} : std::max(next, notBefore_);
  if (!leaseLost_) next = std::min(next, leaseLimit());  // also while backing off
  next = std::min(next, loopWatch_.nextLook());
  return stopping_ ? std::min(next, stopDeadline_) : next;
}

DatabaseThread::Clock::time_point DatabaseThread::leaseLimit() const {
  return lastBeat_.load() + settings_.lease * 2 / 3;
}

void DatabaseThread::loop() {
  while (!over_) {
    {
      std::unique_lock lock(mutex_);
      for (auto at = nextTurn(); Clock::now() < at; at = nextTurn()) changed_.wait_until(lock, at);
    }
    runOnce();
  }
}

void DatabaseThread::runOnce() {
  lookAtLoop();
  bool stopping = false;
  bool late = false;
  bool backingOff = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
    late = stopping_ && Clock::now() >= stopDeadline_;
    backingOff = !late && Clock::now() < notBefore_;
  }
  if (backingOff) {
    journalEnds();
    return checkLease();
  }
  try {
    // Each of the other steps may take seconds. A heartbeat waits for at most one of them.
    sendHeartbeat();
    if (loopStandsStill_) checkLease();
    writeAnnouncement();
    sendHeartbeat();
    runHousekeeping();
    sendHeartbeat();
    requeueLocked();
    sync();
    bool done = false;
    {
      const std::lock_guard lock(mutex_);
      backoff_ = 0ms;
      endsToJournal_ = false;
      // The loop does not know runs that were claimed while it stopped: they are released before the row
      // ends.
      const bool noneIsLocked = locked_.ends.empty() && locked_.releases.empty();
      if (stopping && !hasWork() && noneIsLocked) {
        for (const auto& [id, owned] : owned_) pending_.releases.push_back({owned, 0});
      }
      done = !hasWork() && noneIsLocked;
    }
    if (done) dropJournaledEnds();
    if (stopping && done) {
      store_.endRunner(settings_.taskRunnerId);
      over_ = true;
    }
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

RunnerCondition DatabaseThread::condition() const {
  RunnerCondition condition{
      .memoryKb = residentKb(), .problems = problems_, .unwrittenRuns = static_cast<int>(endedOn_.size())};
  const auto now = Clock::now();
  for (const auto& [token, since] : endedOn_) {
    const auto waits = std::chrono::duration_cast<std::chrono::seconds>(now - since);
    condition.unwrittenSeconds = std::max<std::int64_t>(condition.unwrittenSeconds, waits.count());
  }
  return condition;
}

void DatabaseThread::sendHeartbeat() {
  if (over_) return;
  const auto now = Clock::now();
  RunnerCondition said;
  {
    const std::lock_guard lock(mutex_);
    if (now < nextHeartbeat_ || stopping_) return;
    if (loopStandsStill_) {
      nextHeartbeat_ = now + settings_.heartbeat;
      return;
    }
    said = condition();
  }
  const HeartbeatResult result = store_.heartbeat(settings_.taskRunnerId, said);
  if (!result.runnerAlive) {
    log(Level::Error, "this runner's row was ended by somebody else: its runs are no longer its own",
        {{"TaskRunnerId", std::int64_t{settings_.taskRunnerId}}});
    dropJournaledEnds();  // the process that ended the row has written the ends that it found
    callbacks_.onLeaseLost(true);
    over_ = true;
    return;
  }
  lastBeat_ = now;
  leaseLost_ = false;
  {
    const std::lock_guard lock(mutex_);
    nextHeartbeat_ = now + untilNextHeartbeat();
  }
  reconcile(result);
}

// Peers must be able to rescue the runs of a loop that stands still. A loop that stops the runner waits for
// this thread, so it may stand still.
void DatabaseThread::lookAtLoop() {
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    stopping = stopping_;
  }
  const bool standsStill = loopWatch_.standsStill(Clock::now()) && !stopping;
  if (standsStill == loopStandsStill_) return;
  loopStandsStill_ = standsStill;
  if (standsStill) {
    log(Level::Error, "the runner's loop stands still: no heartbeat is sent and nothing is claimed");
  } else {
    log(Level::Warning, "the runner's loop turns again");
  }
}

std::chrono::milliseconds DatabaseThread::untilNextHeartbeat() const {
  if (!owned_.empty()) return settings_.heartbeat;
  const std::chrono::milliseconds ofLease = settings_.lease;
  return std::max(settings_.heartbeat,
                  std::min(kIdleHeartbeats * settings_.heartbeat, ofLease / kHeartbeatsOfALease));
}

// Each runner does this work for the whole queue.
void DatabaseThread::runHousekeeping() {
  if (over_) return;
  const auto now = Clock::now();
  watchPeers();
  if (now >= nextRepair_) {
    nextRepair_ = now + kBetweenRepairs;
    if (const int repaired = queue_.repairTasks(kLongestRepair); repaired > 0) {
      log(Level::Warning, "tasks that waited for a run which was not there were repaired",
          {{"tasks", std::int64_t{repaired}}});
    }
  }
  if (now >= nextFallbackPass_) {
    nextFallbackPass_ = now + kBetweenFallbackPasses;
    if (const auto counts = queue_.runFallbackPass(); counts && counts->fired > 0) {
      log(Level::Info, "the overseer is silent: this runner fired its schedules",
          {{"tasks", std::int64_t{counts->fired}}});
      wake();
    }
  }
}

void DatabaseThread::watchPeers() {
  const auto now = Clock::now();
  if (now < nextPeerLook_) return;
  nextPeerLook_ = now + settings_.peerCheck;
  if (now < nextPeerCheck_ && !queue_.seesDeadRunner()) return;
  const std::chrono::milliseconds ofLease = settings_.lease;
  nextPeerCheck_ = now + std::min(kLooksPerPeerCheck * settings_.peerCheck, ofLease / kHeartbeatsOfALease);
  for (const int id : queue_.refreshTaskRunnersStatus()) {
    log(Level::Warning, "a runner died; its runs were ended as timeout",
        {{"TaskRunnerId", std::int64_t{id}}});
  }
}

// Compares the database's list of our runs with ours. A run that only the database has was claimed by a sync
// whose COMMIT was lost. A run that only we have was taken from us.
void DatabaseThread::reconcile(const HeartbeatResult& result) {
  std::unordered_map<int, const RunOwnership*> theirs;
  std::int64_t unknown = 0;
  for (const RunOwnership& owned : result.owned) {
    theirs[owned.runId] = &owned;
    const auto ours = owned_.find(owned.runId);
    if (ours != owned_.end() && ours->second.runToken == owned.runToken) continue;
    if (isBeingWritten(owned.runId)) continue;
    log(Level::Warning, "a run was claimed without our knowledge: it is released",
        {{"TaskRunId", std::int64_t{owned.runId}}});
    ++unknown;
    const std::lock_guard lock(mutex_);
    pending_.releases.push_back({owned, 0});
  }
  std::vector<int> lost;
  for (const auto& [id, owned] : owned_) {
    if (isBeingWritten(id)) continue;  // its end may be written already; the next write will show it
    const auto found = theirs.find(id);
    if (found == theirs.end() || found->second->runToken != owned.runToken) lost.push_back(id);
  }
  for (const int id : lost) {
    log(Level::Warning, "a run is no longer ours: its worker is killed, nothing is written",
        {{"TaskRunId", std::int64_t{id}}});
    owned_.erase(id);
  }
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

bool DatabaseThread::isBeingWritten(int runId) {
  const std::lock_guard lock(mutex_);
  const auto isIn = [runId](const SyncRequest& request) {
    const auto isMeant = [runId](const auto& item) { return item.owned.runId == runId; };
    return std::any_of(request.ends.begin(), request.ends.end(), isMeant) ||
           std::any_of(request.releases.begin(), request.releases.end(), isMeant);
  };
  return isIn(pending_) || isIn(locked_);
}

SyncRequest DatabaseThread::takeRequest() {
  const std::lock_guard lock(mutex_);
  SyncRequest request;
  request.taskRunnerId = pending_.taskRunnerId;
  request.queues = pending_.queues;
  request.handlers = pending_.handlers;
  isSerial_ = isSerial_ && hasWork();
  if (isSerial_) {
    takeOne(request);
    return request;
  }
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < pending_.ends.size() && count < kEndsPerSync && bytes < kBytesPerSync;
       ++count) {
    bytes += bytesOf(pending_.ends[count]);
  }
  const auto last = pending_.ends.begin() + static_cast<std::ptrdiff_t>(count);
  request.ends.assign(std::make_move_iterator(pending_.ends.begin()), std::make_move_iterator(last));
  pending_.ends.erase(pending_.ends.begin(), last);
  moveAll(pending_.releases, request.releases);
  if (Clock::now() < liveUpdatesAfter_) {
    pending_.progress.clear();
    pending_.output.clear();
  }
  moveAll(pending_.progress, request.progress);
  moveAll(pending_.output, request.output);
  const bool pollDue = woken_ || Clock::now() >= nextPoll_ || !request.ends.empty();
  // The number is negative when less is prefetched than before; then nothing is claimed.
  request.claimLimit = pollDue && claiming_ && !loopStandsStill_ ? std::max(freeSlots_, 0) : 0;
  woken_ = false;
  if (loopStandsStill_) nextPoll_ = Clock::now() + settings_.pollIdle;
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
    if (!request.progress.empty() || !request.output.empty()) liveUpdatesAfter_ = {};
    applyResult(request, result);
  } catch (const StoreError& error) {
    if (error.kind() == StoreError::Kind::Broken && isolateRejectedWrite(request, error.what())) return;
    if (error.kind() == StoreError::Kind::TryAgain && deferLocked(request, error.what())) return;
    requeue(std::move(request));
    throw;
  }
}

void DatabaseThread::applyResult(const SyncRequest& request, const SyncResult& result) {
  for (const RunEnd& end : request.ends) owned_.erase(end.owned.runId);
  for (const RunRelease& release : request.releases) owned_.erase(release.owned.runId);
  if (!request.ends.empty()) {
    const std::lock_guard lock(mutex_);
    for (const RunEnd& end : request.ends) endedOn_.erase(end.owned.runToken);
  }
  for (const int id : result.lostRuns) {
    log(Level::Warning, "the end of a run was refused: it is no longer ours",
        {{"TaskRunId", std::int64_t{id}}});
  }
  if (callbacks_.onWritten) callbacks_.onWritten(request);
  for (const ClaimedRun& run : result.claimed) owned_[run.owned.runId] = run.owned;
  if (request.claimLimit == 0) return;

  const bool busy = !result.claimed.empty();
  poll_ = busy ? settings_.pollBusy : std::min(poll_ * 2, settings_.pollIdle);
  std::chrono::milliseconds wait = poll_;
  if (result.secondsUntilDue && !busy) {
    const auto untilDue = std::chrono::milliseconds(*result.secondsUntilDue * 1000);
    wait = std::min(wait, std::max(untilDue, settings_.pollBusy));
  }
  {
    const std::lock_guard lock(mutex_);
    freeSlots_ -= static_cast<int>(result.claimed.size());
    nextPoll_ = Clock::now() + wait;
    if (busy) nextHeartbeat_ = std::min(nextHeartbeat_, Clock::now() + settings_.heartbeat);
  }
  callbacks_.onClaimed(result.claimed);
}

void DatabaseThread::onUnavailable(const StoreError& error) {
  const std::lock_guard lock(mutex_);
  moveAll(locked_.ends, pending_.ends);
  moveAll(locked_.releases, pending_.releases);
  if (backoff_ == 0ms) log(Level::Warning, "the database cannot be used now", {{"problem", error.what()}});
  backoff_ = backoff_ == 0ms ? settings_.firstBackoff : std::min(backoff_ * 2, settings_.longestBackoff);
  notBefore_ = Clock::now() + backoff_;
}

void DatabaseThread::journalEnds() {
  std::vector<RunEnd> fresh;
  {
    const std::lock_guard lock(mutex_);
    endsToJournal_ = false;
    if (!callbacks_.onJournal) return;
    for (const RunEnd& end : pending_.ends) {
      if (!journaled_.contains(end.owned.runToken)) fresh.push_back(end);
    }
  }
  if (fresh.empty() || !callbacks_.onJournal(fresh)) return;  // retried together with the database
  for (const RunEnd& end : fresh) journaled_.insert(end.owned.runToken);
}

void DatabaseThread::dropJournaledEnds() {
  if (journaled_.empty()) return;
  journaled_.clear();
  callbacks_.onAllWritten();
}

// A runner that cannot renew its lease must stop working before a peer may think it dead.
void DatabaseThread::checkLease() {
  if (!losesLease()) return;
  if (loopStandsStill_) return callbacks_.onLoopStandsStill();
  callbacks_.onLeaseLost(false);
}

bool DatabaseThread::losesLease() {
  if (Clock::now() < leaseLimit() || leaseLost_.exchange(true)) return false;
  log(Level::Error, "the lease cannot be renewed: the workers are killed");
  return true;
}

}  // namespace taskqueue::runner
