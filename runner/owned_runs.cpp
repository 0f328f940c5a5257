#include "runner/owned_runs.h"

#include "module/platform/log.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;

}  // namespace

void OwnedRuns::add(const std::vector<ClaimedRun>& claimed) {
  for (const ClaimedRun& run : claimed) owned_[run.owned.runId] = run.owned;
}

void OwnedRuns::remove(const SyncRequest& written) {
  for (const RunEnd& end : written.ends) owned_.erase(end.owned.runId);
  for (const RunRelease& release : written.releases) owned_.erase(release.owned.runId);
}

OwnedRuns::Difference OwnedRuns::reconcile(std::span<const RunOwnership> ofDatabase, Outbox& outbox) {
  Difference difference;
  std::unordered_map<int, const RunOwnership*> theirs;
  for (const RunOwnership& owned : ofDatabase) {
    theirs[owned.runId] = &owned;
    const auto ours = owned_.find(owned.runId);
    if (ours != owned_.end() && ours->second.runToken == owned.runToken) continue;
    if (outbox.isBeingWritten(owned.runId)) continue;
    log(Level::Warning, "a run was claimed without our knowledge: it is released",
        {{"TaskRunId", std::int64_t{owned.runId}}});
    ++difference.unknown;
    outbox.add(RunRelease{owned, 0});
  }
  for (const auto& [id, owned] : owned_) {
    if (outbox.isBeingWritten(id)) continue;  // its end may be written already; the next write will show it
    const auto found = theirs.find(id);
    if (found == theirs.end() || found->second->runToken != owned.runToken) difference.lost.push_back(id);
  }
  for (const int id : difference.lost) {
    log(Level::Warning, "a run is no longer ours: its worker is killed, nothing is written",
        {{"TaskRunId", std::int64_t{id}}});
    owned_.erase(id);
  }
  return difference;
}

void OwnedRuns::releaseAll(Outbox& outbox) const {
  for (const auto& [id, owned] : owned_) outbox.add(RunRelease{owned, 0});
}

}  // namespace taskqueue::runner
