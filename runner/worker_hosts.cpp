#include "runner/worker_hosts.h"

#include <algorithm>
#include <utility>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr int kFailedStartsAllowed = 5;     // in a row
constexpr auto kPauseAfterFailure = 200ms;  // times the failures in a row
constexpr auto kPauseWhenGivenUp = 30s;
constexpr auto kPauseAfterWatching = 1s;

}  // namespace

WorkerHosts::WorkerHosts(std::vector<platform::WorkerHost> hosts) {
  for (platform::WorkerHost& host : hosts) {
    states_.emplace_back();
    states_.back().host = std::move(host);
  }
}

WorkerHosts::Announcement WorkerHosts::announced(std::size_t index,
                                                 const std::vector<HandlerDeclaration>& handlers,
                                                 int launch) {
  std::vector<HandlerDeclaration> sorted = handlers;
  std::sort(sorted.begin(), sorted.end(), [](const HandlerDeclaration& a, const HandlerDeclaration& b) {
    return a.taskHandlerClass < b.taskHandlerClass;
  });
  State& state = states_[index];
  const bool isNew = !state.ready || state.away || state.handlers != sorted;
  if (isNew && state.ready && !state.away && launch < state.lastLaunch) return Announcement::Outdated;
  state.failedStarts = 0;
  state.problem.clear();
  state.nextStart = {};
  state.ready = true;
  state.spoken = true;
  state.away = false;
  state.lastLaunch = std::max(state.lastLaunch, launch);
  state.handlers = std::move(sorted);
  return isNew ? Announcement::News : Announcement::Same;
}

WorkerHosts::Failure WorkerHosts::startFailed(std::size_t index, Time now, const std::string& problem) {
  State& state = states_[index];
  ++state.failedStarts;
  state.problem = problem;
  if (!isGivenUp(index)) {
    state.nextStart = now + kPauseAfterFailure * state.failedStarts;
    return Failure::TryAgain;
  }
  state.spoken = true;
  state.nextStart = now + kPauseWhenGivenUp;
  return Failure::GivenUp;
}

void WorkerHosts::refused(std::size_t index, const std::string& problem, Time now, bool watches) {
  State& state = states_[index];
  state.problem = problem;
  state.failedStarts = kFailedStartsAllowed;
  state.spoken = true;
  state.nextStart = now + (watches ? kPauseAfterWatching : kPauseWhenGivenUp);
}

std::vector<RunnerProblem> WorkerHosts::problems() const {
  std::vector<RunnerProblem> list;
  for (std::size_t index = 0; index < states_.size(); ++index) {
    const State& state = states_[index];
    if (isGivenUp(index)) {
      const bool isSilent = state.problem.empty();
      list.push_back(
          {state.host.name,
           isSilent ? "its workers end before they are ready; the runner's log tells more" : state.problem});
    } else if (!state.remark.empty()) {
      list.push_back({state.host.name, state.remark});
    }
  }
  return list;
}

bool WorkerHosts::isGivenUp(std::size_t index) const {
  return states_[index].failedStarts >= kFailedStartsAllowed;
}

bool WorkerHosts::allHaveSpoken() const {
  return std::all_of(states_.begin(), states_.end(), [](const State& state) { return state.spoken; });
}

}  // namespace taskqueue::runner
