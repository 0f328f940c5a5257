#include "runner/pending_runs.h"

#include <algorithm>
#include <iterator>

#include "module/queue/due_task.h"

namespace taskqueue::runner {

void PendingRuns::add(std::unique_ptr<ActiveRun> run, std::shared_ptr<const ServedHandler> handler,
                      SteadyTime now) {
  const Task& task = run->run().task;
  const std::pair rank(std::find(queues_.begin(), queues_.end(), task.queue) - queues_.begin(),
                       task.priority);
  auto before = runs_.end();
  while (before != runs_.begin() && std::prev(before)->rank > rank) --before;
  runs_.insert(before, {std::move(run), std::move(handler), now, rank});
}

std::vector<int> PendingRuns::runIds() const {
  std::vector<int> ids;
  for (const PendingRun& pending : runs_) ids.push_back(pending.run->owned().runId);
  return ids;
}

PendingRuns::Place PendingRuns::at(int index) {
  return std::next(runs_.begin(), std::min<std::ptrdiff_t>(index, std::ssize(runs_)));
}

PendingRun PendingRuns::takePending(Place& place) {
  PendingRun taken = std::move(*place);
  place = runs_.erase(place);
  return taken;
}

void PendingRuns::putBack(PendingRun pending) {
  const auto before = std::find_if(runs_.begin(), runs_.end(),
                                   [&](const PendingRun& one) { return one.rank >= pending.rank; });
  runs_.insert(before, std::move(pending));
}

RunVerdict stopUnstarted(ActiveRun& run, StopReason reason, double chance, SteadyTime now) {
  run.requestStop(reason, now);
  RunVerdict verdict = run.finish(nullptr, chance, now);
  // The store replaces a place in the future by the current time.
  if (auto* release = std::get_if<RunRelease>(&verdict)) release->place = dueOn(run.run().task, INT32_MAX);
  return verdict;
}

}  // namespace taskqueue::runner
