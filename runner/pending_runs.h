// The runs that were claimed and wait for a slot, or for a persistent worker that is ready.
//
// It lives on the loop thread.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "module/queue/task_queue.h"
#include "runner/active_run.h"
#include "runner/handler_directory.h"

namespace taskqueue::runner {

struct PendingRun {
  std::unique_ptr<ActiveRun> run;
  std::shared_ptr<const ServedHandler> handler;
  SteadyTime since;
  std::pair<std::ptrdiff_t, int> rank;  // index of its queue in our list, then its priority
};

class PendingRuns {
 public:
  using Place = std::list<PendingRun>::iterator;

  // The first queue is served first.
  explicit PendingRuns(std::vector<std::string> queues) : queues_(std::move(queues)) {}

  void add(std::unique_ptr<ActiveRun> run, std::shared_ptr<const ServedHandler> handler, SteadyTime now);

  // Adds a run again that was taken; it comes before those of its rank.
  void putBack(PendingRun pending);

  bool isEmpty() const { return runs_.empty(); }
  int count() const { return static_cast<int>(runs_.size()); }
  std::vector<int> runIds() const;

  // The runs in the order of their start. at() returns end() when there are fewer runs.
  Place begin() { return runs_.begin(); }
  Place end() { return runs_.end(); }
  Place at(int index);

  // Removes the run; `place` is the next one afterwards.
  std::unique_ptr<ActiveRun> take(Place& place) { return takePending(place).run; }
  PendingRun takePending(Place& place);

 private:
  std::vector<std::string> queues_;
  std::list<PendingRun> runs_;
};

// Ends a run that no worker had. A released one keeps its place in the order of claims.
RunVerdict stopUnstarted(ActiveRun& run, StopReason reason, double chance, SteadyTime now);

}  // namespace taskqueue::runner
