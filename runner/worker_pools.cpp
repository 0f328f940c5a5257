#include "runner/worker_pools.h"

#include <algorithm>
#include <utility>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr int kFailedStartsAllowed = 5;     // in a row
constexpr auto kPauseAfterFailure = 200ms;  // multiplied by the failures in a row
constexpr auto kPauseWhenGivenUp = 30s;
constexpr auto kPauseAfterWatching = 1s;

}  // namespace

WorkerPools::WorkerPools(std::vector<platform::WorkerPoolConfig> pools) {
  for (platform::WorkerPoolConfig& pool : pools) {
    states_.emplace_back();
    states_.back().pool = std::move(pool);
  }
}

WorkerPools::Announcement WorkerPools::announced(std::size_t index,
                                                 const std::vector<HandlerDeclaration>& handlers,
                                                 int launch) {
  std::vector<HandlerDeclaration> sorted = handlers;
  std::sort(sorted.begin(), sorted.end(), [](const HandlerDeclaration& a, const HandlerDeclaration& b) {
    return a.taskHandlerClass < b.taskHandlerClass;
  });
  State& state = states_[index];
  const bool isNew = !state.ready || state.withdrawn || state.handlers != sorted;
  if (isNew && state.ready && !state.withdrawn && launch < state.lastLaunch) return Announcement::Outdated;
  state.failedStarts = 0;
  state.problem.clear();
  state.nextStart = {};
  state.ready = true;
  state.hasAnnounced = true;
  state.withdrawn = false;
  state.lastLaunch = std::max(state.lastLaunch, launch);
  state.handlers = std::move(sorted);
  return isNew ? Announcement::Changed : Announcement::Same;
}

WorkerPools::Failure WorkerPools::startFailed(std::size_t index, Time now, const std::string& problem) {
  State& state = states_[index];
  ++state.failedStarts;
  state.problem = problem;
  if (!isGivenUp(index)) {
    state.nextStart = now + kPauseAfterFailure * state.failedStarts;
    return Failure::TryAgain;
  }
  state.hasAnnounced = true;
  state.nextStart = now + kPauseWhenGivenUp;
  return Failure::GivenUp;
}

void WorkerPools::refused(std::size_t index, const std::string& problem, Time now, bool watches) {
  State& state = states_[index];
  state.problem = problem;
  state.failedStarts = kFailedStartsAllowed;
  state.hasAnnounced = true;
  state.nextStart = now + (watches ? kPauseAfterWatching : kPauseWhenGivenUp);
}

std::vector<RunnerProblem> WorkerPools::problems() const {
  std::vector<RunnerProblem> list;
  for (std::size_t index = 0; index < states_.size(); ++index) {
    const State& state = states_[index];
    if (isGivenUp(index)) {
      const bool isSilent = state.problem.empty();
      list.push_back(
          {state.pool.name,
           isSilent ? "its workers end before they are ready; the runner's log tells more" : state.problem});
    } else if (!state.remark.empty()) {
      list.push_back({state.pool.name, state.remark});
    }
  }
  return list;
}

bool WorkerPools::isGivenUp(std::size_t index) const {
  return states_[index].failedStarts >= kFailedStartsAllowed;
}

bool WorkerPools::allHaveAnnounced() const {
  return std::all_of(states_.begin(), states_.end(), [](const State& state) { return state.hasAnnounced; });
}

}  // namespace taskqueue::runner
