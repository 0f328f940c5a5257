#include "runner/outbox.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "module/platform/log.h"
#include "runner/move_all.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;
using namespace std::chrono_literals;

// Most bytes of finished runs in one transaction: their text must fit into one packet.
constexpr std::size_t kBytesPerSync = 4 << 20;
constexpr std::size_t kEndsPerSync = 500;
// The ErrorCode of a run if the database refused to store how it ended.
constexpr const char* kUnwritable = "unwritable";
constexpr auto kBetweenTriesOfLocked = 2s;

}  // namespace

std::size_t keptBytes(const RunEnd& end) {
  return end.standardOutput.kept.size() + end.errorOutput.kept.size() +
         (end.results ? end.results->size() : 0);
}

void Outbox::add(RunEnd end) {
  const std::lock_guard lock(mutex_);
  endedOn_.emplace(end.owned.runToken, Clock::now());
  pending_.ends.push_back(std::move(end));
}

void Outbox::add(RunRelease release) {
  const std::lock_guard lock(mutex_);
  pending_.releases.push_back(std::move(release));
}

void Outbox::add(RunProgress progress) {
  const std::lock_guard lock(mutex_);
  const auto older =
      std::find_if(pending_.progress.begin(), pending_.progress.end(),
                   [&](const RunProgress& p) { return p.owned.runId == progress.owned.runId; });
  if (older != pending_.progress.end()) {
    *older = std::move(progress);
  } else {
    pending_.progress.push_back(std::move(progress));
  }
}

void Outbox::add(OutputChunk chunk) {
  const std::lock_guard lock(mutex_);
  pending_.output.push_back(std::move(chunk));
}

bool Outbox::hasWrites() const {
  const std::lock_guard lock(mutex_);
  return !pending_.ends.empty() || !pending_.releases.empty();
}

bool Outbox::hasLiveUpdates() const {
  const std::lock_guard lock(mutex_);
  return !pending_.progress.empty() || !pending_.output.empty();
}

bool Outbox::hasOutput() const {
  const std::lock_guard lock(mutex_);
  return !pending_.output.empty();
}

void Outbox::describe(RunnerCondition& condition) const {
  const std::lock_guard lock(mutex_);
  condition.unwrittenRuns = static_cast<int>(endedOn_.size());
  const auto now = Clock::now();
  for (const auto& [token, since] : endedOn_) {
    const auto waits = std::chrono::duration_cast<std::chrono::seconds>(now - since);
    condition.unwrittenSeconds = std::max<std::int64_t>(condition.unwrittenSeconds, waits.count());
  }
}

bool Outbox::take(SyncRequest& request) {
  const std::lock_guard lock(mutex_);
  isSerial_ = isSerial_ && (!pending_.ends.empty() || !pending_.releases.empty());
  if (isSerial_) {
    takeOne(request);
    return false;
  }
  std::size_t count = 0;
  for (std::size_t bytes = 0; count < pending_.ends.size() && count < kEndsPerSync && bytes < kBytesPerSync;
       ++count) {
    bytes += keptBytes(pending_.ends[count]);
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
  return true;
}

void Outbox::takeOne(SyncRequest& request) {
  const auto takeFirst = [](auto& from, auto& to) {
    to.push_back(std::move(from.front()));
    from.erase(from.begin());
  };
  if (!pending_.ends.empty()) {
    takeFirst(pending_.ends, request.ends);
  } else {
    takeFirst(pending_.releases, request.releases);
  }
}

void Outbox::written(const SyncRequest& request) {
  if (!request.progress.empty() || !request.output.empty()) liveUpdatesAfter_ = {};
  const std::lock_guard lock(mutex_);
  for (const RunEnd& end : request.ends) endedOn_.erase(end.owned.runToken);
}

void Outbox::giveBack(SyncRequest request) {
  const std::lock_guard lock(mutex_);
  moveAll(pending_.ends, request.ends);
  pending_.ends = std::move(request.ends);
  moveAll(pending_.releases, request.releases);
  pending_.releases = std::move(request.releases);
  // Live progress and output are dropped: they may be stale when the database is back, and output can grow.
  // The run's end carries them all.
}

bool Outbox::isBeingWritten(int runId) const {
  const std::lock_guard lock(mutex_);
  const auto isIn = [runId](const SyncRequest& request) {
    const auto isMeant = [runId](const auto& item) { return item.owned.runId == runId; };
    return std::any_of(request.ends.begin(), request.ends.end(), isMeant) ||
           std::any_of(request.releases.begin(), request.releases.end(), isMeant);
  };
  return isIn(pending_) || isIn(locked_);
}

bool Outbox::isEmpty() const {
  return !hasWrites() && nothingIsLocked();
}

// Handles a request that the database rejects permanently. One run's data must not block the other writes, so
// from now on they go one by one. A write that is rejected alone is replaced or dropped. Returns false when
// there is nothing left to drop.
bool Outbox::isolateRejectedWrite(SyncRequest& request, const std::string& problem) {
  const std::size_t writes = request.ends.size() + request.releases.size();
  const bool hasUpdate = !request.progress.empty() || !request.output.empty();
  // The claim can be the rejected statement too. Only a request with one write, no claim and no live update
  // shows what was rejected.
  const bool goesAlone = writes == 1 && !hasUpdate && request.claimLimit == 0;
  if (!goesAlone && (writes > 0 || hasUpdate)) {
    log(Level::Error, "the database refused a statement: what is to be written is tried one by one",
        {{"problem", problem}});
    giveBack(std::move(request));  // without live progress and output
    isSerial_ = true;
    return true;
  }
  if (request.ends.empty() || request.ends.front().errorCode == kUnwritable) return false;
  const RunEnd& refused = request.ends.front();
  RunEnd bare;
  bare.owned = refused.owned;
  bare.status = RunStatus::Error;
  bare.errorCode = kUnwritable;
  bare.errorMessage = "The database refused what the run reported; the runner's log says why.";
  bare.runMs = refused.runMs;
  bare.hadLiveOutput = refused.hadLiveOutput;
  bare.retryDelaySeconds = refused.retryDelaySeconds;
  log(Level::Error, "the database refused the end of a run",
      {{"TaskRunId", std::int64_t{bare.owned.runId}}, {"problem", problem}});
  const std::lock_guard lock(mutex_);
  pending_.ends.insert(pending_.ends.begin(), std::move(bare));
  return true;
}

// Handles locked rows, which a site's transaction may hold for minutes, or a table that is full. The other
// writes, the claims and the heartbeat must not wait, so writes go one by one. A blocked write is retried
// later. Live updates are dropped, because the run's end carries them all. Returns false when the request had
// neither writes nor live updates.
bool Outbox::deferLocked(SyncRequest& request, const std::string& problem) {
  const std::size_t writes = request.ends.size() + request.releases.size();
  const bool hasUpdate = !request.progress.empty() || !request.output.empty();
  if (writes == 0 && hasUpdate) {
    if (liveUpdatesAfter_ == Clock::time_point{})
      log(Level::Warning, "live progress and output cannot be written", {{"problem", problem}});
    liveUpdatesAfter_ = Clock::now() + kBetweenTriesOfLocked;
    return true;
  }
  if (writes == 0) return false;
  if (writes > 1 || request.claimLimit > 0 || hasUpdate) {
    giveBack(std::move(request));  // without live progress and output
    isSerial_ = true;
    return true;
  }
  if (nothingIsLocked()) {
    log(Level::Warning, "the end of a run cannot be written now: it waits", {{"problem", problem}});
    lockedUntil_ = Clock::now() + kBetweenTriesOfLocked;
  }
  moveAll(request.ends, locked_.ends);
  moveAll(request.releases, locked_.releases);
  return true;
}

void Outbox::requeueLocked(bool now) {
  if (nothingIsLocked() || (Clock::now() < lockedUntil_ && !now)) return;
  unlockAll();
  isSerial_ = true;
}

void Outbox::unlockAll() {
  const std::lock_guard lock(mutex_);
  moveAll(locked_.ends, pending_.ends);
  moveAll(locked_.releases, pending_.releases);
}

void Outbox::journalEnds() {
  if (!journal_.onJournal) return;
  std::vector<RunEnd> fresh;
  {
    const std::lock_guard lock(mutex_);
    for (const RunEnd& end : pending_.ends) {
      if (!journaled_.contains(end.owned.runToken)) fresh.push_back(end);
    }
  }
  if (fresh.empty() || !journal_.onJournal(fresh)) return;  // retried together with the database
  for (const RunEnd& end : fresh) journaled_.insert(end.owned.runToken);
}

void Outbox::dropJournaledEnds() {
  if (journaled_.empty()) return;
  journaled_.clear();
  journal_.onAllWritten();
}

}  // namespace taskqueue::runner
