#include "runner/lease.h"

#include <algorithm>

#include "module/platform/log.h"

namespace taskqueue::runner {
namespace {

using platform::Level;
using platform::log;

// While this runner owns no run, heartbeats come this many times less often, as far as the lease permits.
constexpr int kIdleHeartbeats = 5;
constexpr int kPartOfLeaseForLoop = 3;  // the loop must turn within a third of the lease

}  // namespace

Lease::Lease(std::chrono::seconds lease, std::chrono::milliseconds heartbeat)
    : lease_(lease),
      heartbeat_(heartbeat),
      loopWatch_(std::chrono::milliseconds(lease) / kPartOfLeaseForLoop) {}

bool Lease::isLost() {
  if (Clock::now() < limit() || isLost_.exchange(true)) return false;
  log(Level::Error, "the lease cannot be renewed: the workers are killed");
  return true;
}

void Lease::renewed(Clock::time_point now) {
  lastBeat_ = now;
  isLost_ = false;
}

std::chrono::milliseconds Lease::untilNextHeartbeat(bool ownsRuns) const {
  if (ownsRuns) return heartbeat_;
  const std::chrono::milliseconds ofLease = lease_;
  return std::max(heartbeat_, std::min(kIdleHeartbeats * heartbeat_, ofLease / kHeartbeatsOfALease));
}

void Lease::lookAtLoop(bool stopping) {
  const bool standsStill = loopWatch_.standsStill(Clock::now()) && !stopping;
  if (standsStill == loopStandsStill_) return;
  loopStandsStill_ = standsStill;
  if (standsStill) {
    log(Level::Error, "the runner's loop stands still: no heartbeat is sent and nothing is claimed");
  } else {
    log(Level::Warning, "the runner's loop turns again");
  }
}

Lease::Clock::time_point Lease::nextLook() const {
  return isLost_ ? loopWatch_.nextLook() : std::min(limit(), loopWatch_.nextLook());
}

Lease::Clock::time_point Lease::limit() const {
  return lastBeat_.load() + lease_ * 2 / 3;
}

}  // namespace taskqueue::runner
