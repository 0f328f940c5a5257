// DatabaseThread: what the database refuses, and what somebody has locked, does not take the rest along.
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
  // Live progress and output may be stale by the time the database is back, and output can grow: only the
  // run's end carries them all. The chunks of now are let go.
}

// The database refuses something in this request for good. One run's words must not take the others along:
// what is written goes alone from now on until all is written, and what is refused alone is replaced or left
// out. False when there is nothing left to leave out.
bool DatabaseThread::isolateRejectedWrite(SyncRequest& request, const std::string& problem) {
  const std::size_t writes = request.ends.size() + request.releases.size();
  const bool hasUpdate = !request.progress.empty() || !request.output.empty();
  // A claim can be the rejected write, too: without it and without live updates, one write is all that there
  // is to blame.
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

// Another session holds a lock on a row that is to be written, as a site's transaction may for minutes, or
// the server has no room for one kind of rows. The other rows, the claims and the heartbeat must not wait for
// it: what is written goes alone until all has had its turn, and what is held up is tried again later. Live
// updates are dropped, since the run's end carries it all. False when there was neither.
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
