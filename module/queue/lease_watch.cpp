#include "module/queue/lease_watch.h"

#include <utility>

namespace taskqueue {
namespace {

using namespace std::chrono_literals;

constexpr int kLeasesLongGone = 10;

}  // namespace

std::chrono::milliseconds LeaseWatch::patienceWith(const Runner& runner) const {
  const bool isLongGone = runner.heartbeatAgeSeconds > kLeasesLongGone * lease_.count();
  return isLongGone ? std::chrono::milliseconds(lease_) / 2 : lease_;
}

std::vector<int> LeaseWatch::look(std::span<const Runner> runners, Time readFrom, Time readUntil) {
  const std::lock_guard lock(mutex_);
  std::unordered_map<int, Mark> marks;
  std::vector<int> dead;
  isAnyDoubtful_ = false;
  for (const Runner& runner : runners) {
    const auto earlier = marks_.find(runner.id);
    const bool stoodStill = earlier != marks_.end() && earlier->second.counter == runner.heartbeatCounter;
    const Mark mark{runner.heartbeatCounter, stoodStill ? earlier->second.since : readUntil};
    const auto patience = patienceWith(runner);
    if (readFrom > mark.since + patience) {
      dead.push_back(runner.id);
    } else if (patience < lease_) {
      isAnyDoubtful_ = true;
    }
    marks.emplace(runner.id, mark);
  }
  marks_ = std::move(marks);
  return dead;
}

std::chrono::milliseconds LeaseWatch::timeToNextVerdict() const {
  const std::lock_guard lock(mutex_);
  return isAnyDoubtful_ ? std::chrono::milliseconds(lease_) / 2 + 1s : 0ms;
}

}  // namespace taskqueue
