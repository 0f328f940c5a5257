#include "runner/peer_monitor.h"

#include <algorithm>

#include "module/platform/log.h"
#include "runner/lease.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;
using namespace std::chrono_literals;

constexpr int kLooksPerPeerCheck = 10;
// Every runner repairs tasks that the CMS's editor left behind; the overseer does so too.
constexpr auto kBetweenRepairs = 60s;
constexpr auto kLongestRepair = 3s;           // a repair delays the heartbeat by at most this time
constexpr auto kBetweenFallbackPasses = 10s;  // a fallback pass checks whether the overseer is silent

}  // namespace

bool PeerMonitor::run() {
  const auto now = Clock::now();
  watchPeers(now);
  repairTasks(now);
  return standInForOverseer(now);
}

void PeerMonitor::watchPeers(Clock::time_point now) {
  if (now < nextLook_) return;
  nextLook_ = now + peerCheck_;
  if (now < nextCheck_ && !queue_.seesDeadRunner()) return;
  nextCheck_ = now + std::min(kLooksPerPeerCheck * peerCheck_, lease_ / kHeartbeatsOfALease);
  for (const int id : queue_.refreshTaskRunnersStatus()) {
    log(Level::Warning, "a runner died; its runs were ended as timeout",
        {{"TaskRunnerId", std::int64_t{id}}});
  }
}

void PeerMonitor::repairTasks(Clock::time_point now) {
  if (now < nextRepair_) return;
  nextRepair_ = now + kBetweenRepairs;
  if (const int repaired = queue_.repairTasks(kLongestRepair); repaired > 0) {
    log(Level::Warning, "tasks that waited for a run which was not there were repaired",
        {{"tasks", std::int64_t{repaired}}});
  }
}

bool PeerMonitor::standInForOverseer(Clock::time_point now) {
  if (now < nextFallbackPass_) return false;
  nextFallbackPass_ = now + kBetweenFallbackPasses;
  const auto counts = queue_.runFallbackPass();
  if (!counts || counts->fired == 0) return false;
  log(Level::Info, "the overseer is silent: this runner fired its schedules",
      {{"tasks", std::int64_t{counts->fired}}});
  return true;
}

}  // namespace taskqueue::runner
