// Part of DatabaseThread: a write that the database rejects, or whose rows are locked, must not hold up the
// others.
#include <utility>

#include "module/platform/log.h"
#include "runner/database_thread.h"
#include "runner/move_all.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;
using namespace std::chrono_literals;

constexpr const char* kUnwritable = "unwritable";  // ErrorCode of a run whose end the database refused
constexpr auto kBetweenTriesOfLocked = 2s;

}  // namespace

void DatabaseThread::takeOne(SyncRequest& request) {
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

void DatabaseThread::requeue(SyncRequest request) {
  const std::lock_guard lock(mutex_);
  moveAll(pending_.ends, request.ends);
  pending_.ends = std::move(request.ends);
  moveAll(pending_.releases, request.releases);
  pending_.releases = std::move(request.releases);
  // Live progress and output are dropped: they may be stale when the database is back, and output can grow.
  // The run's end carries them all.
}

// Handles a request that the database rejects permanently. One run's data must not block the other writes, so
// from now on they go one by one. A write that is rejected alone is replaced or dropped. Returns false when
// there is nothing left to drop.
bool DatabaseThread::isolateRejectedWrite(SyncRequest& request, const std::string& problem) {
  const std::size_t writes = request.ends.size() + request.releases.size();
  const bool hasUpdate = !request.progress.empty() || !request.output.empty();
  // The claim can be the rejected statement too. Only a request with one write, no claim and no live update
  // shows what was rejected.
  const bool goesAlone = writes == 1 && !hasUpdate && request.claimLimit == 0;
  if (!goesAlone && (writes > 0 || hasUpdate)) {
    log(Level::Error, "the database refused a statement: what is to be written is tried one by one",
        {{"problem", problem}});
    requeue(std::move(request));  // without live progress and output
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
bool DatabaseThread::deferLocked(SyncRequest& request, const std::string& problem) {
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
    requeue(std::move(request));  // without live progress and output
    isSerial_ = true;
    return true;
  }
  if (locked_.ends.empty() && locked_.releases.empty()) {
    log(Level::Warning, "the end of a run cannot be written now: it waits", {{"problem", problem}});
    lockedUntil_ = Clock::now() + kBetweenTriesOfLocked;
  }
  moveAll(request.ends, locked_.ends);
  moveAll(request.releases, locked_.releases);
  return true;
}

void DatabaseThread::requeueLocked() {
  if (locked_.ends.empty() && locked_.releases.empty()) return;
  const std::lock_guard lock(mutex_);
  if (Clock::now() < lockedUntil_ && !stopping_) return;
  moveAll(locked_.ends, pending_.ends);
  moveAll(locked_.releases, pending_.releases);
  isSerial_ = true;
}

}  // namespace taskqueue::runner
