// State of the worker pools: how to start their workers, what they announced, and how their starts went. This
// class only decides; the runner starts and ends the processes.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/runner.h"

namespace taskqueue::runner {

class WorkerPools {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Announcement {
    Changed,   // first announcement, or different from the last one
    Same,      // equal to the last announcement
    Outdated,  // different, but from a worker started before the one that announced last
  };
  enum class Failure { TryAgain, GivenUp };

  explicit WorkerPools(std::vector<platform::WorkerPoolConfig> pools);

  std::size_t count() const { return states_.size(); }
  const platform::WorkerPoolConfig& config(std::size_t index) const { return states_[index].pool; }

  // Records that a worker of the pool is ready. `launch` numbers the starts of workers.
  Announcement announced(std::size_t index, const std::vector<HandlerDeclaration>& handlers, int launch);

  // Records that a worker could not be started, or ended before it was ready. After five such failures in a
  // row the pool is given up and retried every 30 seconds. `problem` may be empty.
  Failure startFailed(std::size_t index, Time now, const std::string& problem = "");

  // Records that a worker cannot serve: the pool is given up at once. If the worker watches, its end means
  // that a new start is worthwhile.
  void refused(std::size_t index, const std::string& problem, Time now, bool watches = false);
  // Offers no handler of the pool until the pool announces itself again.
  void withdraw(std::size_t index) { states_[index].withdrawn = true; }
  // Sets a remark on a pool that works.
  void setRemark(std::size_t index, const std::string& remark) { states_[index].remark = remark; }

  bool isGivenUp(std::size_t index) const;
  bool isWithdrawn(std::size_t index) const { return states_[index].withdrawn; }
  bool hasAnnounced(std::size_t index) const { return states_[index].hasAnnounced; }
  const std::string& findProblem(std::size_t index) const { return states_[index].problem; }
  // Returns whether a worker may be started now. After a failure there is a pause.
  bool mayStart(std::size_t index, Time now) const { return now >= states_[index].nextStart; }
  // Returns whether no worker of the pool has ever been ready.
  bool wasNeverReady(std::size_t index) const { return !states_[index].ready; }
  // Returns whether each pool has announced itself or was given up: then the runner knows all its handlers.
  bool allHaveAnnounced() const;
  // Returns the problems of the pools that are given up, and the remarks.
  std::vector<RunnerProblem> problems() const;

 private:
  struct State {
    platform::WorkerPoolConfig pool;
    bool hasAnnounced = false;
    bool ready = false;
    bool withdrawn = false;
    std::vector<HandlerDeclaration> handlers;  // last announcement, sorted by class
    int lastLaunch = 0;                        // number of the worker that announced them
    int failedStarts = 0;                      // in a row
    std::string problem;                       // may be empty: unknown
    std::string remark;
    Time nextStart{};
  };

  std::vector<State> states_;
};

}  // namespace taskqueue::runner
