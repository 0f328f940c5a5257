#include "module/queue/lease_watch.h"

#include <utility>

namespace taskqueue {

std::vector<int> LeaseWatch::look(std::span<const Runner> runners, Time now) {
  std::unordered_map<int, Mark> marks;
  std::vector<int> dead;
  for (const Runner& runner : runners) {
    const auto earlier = marks_.find(runner.id);
    const bool stoodStill = earlier != marks_.end() && earlier->second.counter == runner.heartbeatCounter;
    const Mark mark{runner.heartbeatCounter, stoodStill ? earlier->second.since : now};
    if (now - mark.since > lease_) dead.push_back(runner.id);
    marks.emplace(runner.id, mark);
  }
  marks_ = std::move(marks);
  return dead;
}

}  // namespace taskqueue
