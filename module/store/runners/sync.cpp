// Does the sync, one transaction that finishes, releases, reports and claims.
#include <span>
#include <unordered_map>

#include "module/queue/cancel_request.h"
#include "module/store/claim/concurrency_limits.h"
#include "module/store/runners/maria_runners.h"
#include "module/store/runners/plain_ends.h"
#include "module/store/runners/run_ends.h"
#include "module/store/runners/run_reports.h"
#include "module/store/statistics/counters.h"

namespace taskqueue::store {
namespace {

// Served by the primary key.
const Sql kLockRunner{"lock-runner", R"(
  SELECT Id
  FROM {TaskRunners} FORCE INDEX (PRIMARY)
  WHERE Id = ? AND Status = 'running'
  LOCK IN SHARE MODE
)"};

// Served by the primary key: its last entry.
const Sql kNewestTask{"newest-task", "SELECT MAX(Id) FROM {TaskQueue}"};

template <typename Item>
std::vector<RunOwnership> ownedOf(const std::vector<Item>& items) {
  std::vector<RunOwnership> owned;
  for (const Item& item : items) owned.push_back(item.owned);
  return owned;
}

// Some plain successes are no longer running runs of their owner: the transaction must be rolled back.
struct PlainEndsRefused {};

// Locks the runs and judges each one by its row. Returns the lost ones.
std::vector<int> writeJudgedEnds(Connection& connection, const std::vector<RunEnd>& ends) {
  if (ends.empty()) return {};
  const auto owned = lockOwned(connection, ownedOf(ends));
  std::vector<int> lost;
  std::vector<RunEnd> open;
  for (const RunEnd& end : ends) {
    const auto found = owned.find(end.owned.runToken);
    const bool isRescued = found != owned.end() && found->second.rescued && end.status != RunStatus::Timeout;
    if (found == owned.end() || isRescued) {
      lost.push_back(end.owned.runId);
    } else if (found->second.running) {
      open.push_back(end);
      if (found->second.cancelRequested) applyCancelRequest(open.back());
    }
    // Otherwise our token is in the row of an ended run: an earlier try of this sync was committed after all.
  }
  if (!open.empty()) writeEndsOfOwnedRuns(connection, open);
  return lost;
}

// Plain successes need no look at their rows while all of them are still running (CLAIM-30).
std::vector<int> writeEnds(Connection& connection, const std::vector<RunEnd>& ends, Trust trust) {
  if (trust == Trust::None) return writeJudgedEnds(connection, ends);
  std::vector<RunEnd> plain;
  std::vector<RunEnd> others;
  for (const RunEnd& end : ends) (isPlainSuccess(end) ? plain : others).push_back(end);
  if (!writePlainEnds(connection, plain)) throw PlainEndsRefused();
  return writeJudgedEnds(connection, others);
}

std::vector<int> writeReleases(Connection& connection, const std::vector<RunRelease>& releases) {
  if (releases.empty()) return {};
  const auto owned = lockOwned(connection, ownedOf(releases));
  std::vector<int> lost;
  std::vector<RunRelease> ours;
  std::vector<RunEnd> cancelled;
  for (const RunRelease& release : releases) {
    const auto found = owned.find(release.owned.runToken);
    if (found == owned.end() || !found->second.running) {
      lost.push_back(release.owned.runId);
    } else if (found->second.cancelRequested) {
      cancelled.push_back(toCancelledEnd(release));
    } else {
      ours.push_back(release);
    }
  }
  if (!cancelled.empty()) writeEndsOfOwnedRuns(connection, cancelled);
  if (!ours.empty()) releaseOwnedRuns(connection, ours);
  return lost;
}

}  // namespace

SyncResult MariaRunners::claimNamed(const SyncRequest& request) {
  return context_.inTransaction(
      [&] {
        SyncResult result;
        claimer_.claimNamed(request, result);
        return result;
      },
      AfterLockWait::GiveUp);
}

std::int64_t MariaRunners::newestTask() {
  return connection_.query(kNewestTask).at(0).as<std::optional<std::int64_t>>().value_or(0);
}

SyncResult MariaRunners::sync(const SyncRequest& request) {
  const bool writes = !request.ends.empty() || !request.releases.empty() || !request.progress.empty() ||
                      !request.output.empty();
  if (!writes && request.claimLimit > 0 && !request.named.empty()) return claimNamed(request);
  std::optional<ClaimCursor::DueScan> scan;
  const bool anyUnparked = request.claimLimit > 0 && unparkAnnounced();
  const bool anyToCorrect = request.claimLimit > 0 && priorities_.correct(request.queues);
  if (!writes && request.claimLimit > 0) {
    SyncResult nothingDue;
    scan = claimer_.scanFirst(request, nothingDue);
    if (anyToCorrect || anyUnparked) nothingDue.secondsUntilDue = 0;
    if (!scan) return nothingDue;
  }
  // Other work of the caller must not wait behind one locked row.
  const auto syncWith = [&](Trust trust) {
    return context_.inTransaction([&] { return syncOnce(request, scan, trust); }, AfterLockWait::GiveUp);
  };
  SyncResult result;
  try {
    result = syncWith(Trust::PlainEnds);
  } catch (const PlainEndsRefused&) {
    result = syncWith(Trust::None);
  }
  if (anyToCorrect || anyUnparked) result.secondsUntilDue = 0;
  claimer_.committed(request, result);
  return result;
}

SyncResult MariaRunners::syncOnce(const SyncRequest& request, const std::optional<ClaimCursor::DueScan>& scan,
                                  Trust trust) {
  SyncResult result;
  // A runner that was timed out must not claim, since no rescue would find those runs. The lock makes a
  // rescue wait until it can see the claims of this sync. It is taken first, in the order in which the rescue
  // locks.
  const bool mayClaim =
      request.claimLimit > 0 && !connection_.query(kLockRunner, {request.taskRunnerId}).empty();
  result.lostRuns = writeEnds(connection_, request.ends, trust);
  const std::vector<int> lostReleases = writeReleases(connection_, request.releases);
  result.lostRuns.insert(result.lostRuns.end(), lostReleases.begin(), lostReleases.end());
  writeProgress(connection_, request.progress);
  writeOutput(connection_, request.output);
  std::vector<int> settled;
  for (const RunEnd& end : request.ends) settled.push_back(end.owned.taskQueueId);
  for (const RunRelease& release : request.releases) settled.push_back(release.owned.taskQueueId);
  unparkFreedKeys(connection_, settled);
  if (mayClaim) claimer_.claim(request, scan, result);
  addToCounter(connection_, Counter::RefusedWrites, static_cast<std::int64_t>(result.lostRuns.size()));
  return result;
}

}  // namespace taskqueue::store
