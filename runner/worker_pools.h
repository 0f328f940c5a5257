// The worker pools, one for each language: how to start each, what it announced, and how its starts
// went. Decides only; the runner starts and ends the processes.
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
    Changed,   // the first one, or another one than before
    Same,      // as before
    Outdated,  // another one, of a worker that was started earlier than the one that spoke last
  };
  enum class Failure { TryAgain, GivenUp };

  explicit WorkerPools(std::vector<platform::WorkerPoolConfig> pools);

  std::size_t count() const { return states_.size(); }
  const platform::WorkerPoolConfig& config(std::size_t index) const { return states_[index].pool; }

  // A worker of the pool is ready. `launch` numbers the starts of workers.
  Announcement announced(std::size_t index, const std::vector<HandlerDeclaration>& handlers, int launch);

  // A worker of the pool could not be started, or ended before it was ready. After some such failures in a
  // row the pool is given up, and tried again now and then. `problem`: why, when that is known.
  Failure startFailed(std::size_t index, Time now, const std::string& problem = "");

  // A worker of the pool says that it cannot serve: the pool is given up at once. When the worker watches,
  // its end says that it is worth trying again.
  void refused(std::size_t index, const std::string& problem, Time now, bool watches = false);
  // Nothing of what the pool has announced is offered until it announces itself again.
  void withdraw(std::size_t index) { states_[index].withdrawn = true; }
  // A word on a pool that works.
  void setRemark(std::size_t index, const std::string& remark) { states_[index].remark = remark; }

  bool isGivenUp(std::size_t index) const;
  bool isWithdrawn(std::size_t index) const { return states_[index].withdrawn; }
  bool hasAnnounced(std::size_t index) const { return states_[index].hasAnnounced; }
  const std::string& findProblem(std::size_t index) const { return states_[index].problem; }
  // Whether a worker may be started now: after a failure there is a pause.
  bool mayStart(std::size_t index, Time now) const { return now >= states_[index].nextStart; }
  // Whether none of its workers has ever been ready.
  bool wasNeverReady(std::size_t index) const { return !states_[index].ready; }
  // Each has announced itself or was given up: the runner knows what it can handle.
  bool allHaveAnnounced() const;
  // What is wrong with the pools that are given up, and the remarks.
  std::vector<RunnerProblem> problems() const;

 private:
  struct State {
    platform::WorkerPoolConfig pool;
    bool hasAnnounced = false;
    bool ready = false;
    bool withdrawn = false;
    std::vector<HandlerDeclaration> handlers;  // announced last, by class
    int lastLaunch = 0;                        // of the worker that announced them
    int failedStarts = 0;                      // in a row
    std::string problem;                       // that is known
    std::string remark;
    Time nextStart{};
  };

  std::vector<State> states_;
};

}  // namespace taskqueue::runner
