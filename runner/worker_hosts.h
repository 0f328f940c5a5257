// The hosts of kept workers, one for each language: how to start each, what it announced, and how its starts
// went. Decides only; the runner starts and ends the processes.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "module/platform/configuration.h"
#include "module/queue/runner.h"

namespace taskqueue::runner {

class WorkerHosts {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Announcement { First, Same, Changed };
  enum class Failure { TryAgain, GivenUp };

  explicit WorkerHosts(std::vector<platform::WorkerHost> hosts);

  std::size_t count() const { return states_.size(); }
  const platform::WorkerHost& host(std::size_t index) const { return states_[index].host; }

  // A worker of the host is ready. Changed: it announces other classes than the first one did, or announces
  // some after the host had been given up.
  Announcement announced(std::size_t index, const std::vector<HandlerDeclaration>& handlers);

  // A worker of the host could not be started, or ended before it was ready. After some such failures in a
  // row the host is given up: it counts as one that handles nothing, and is tried again now and then.
  Failure startFailed(std::size_t index, Time now);

  // A worker of the host says that it cannot serve: the host is given up at once.
  void refused(std::size_t index, const std::string& problem, Time now);
  // A word on a host that works.
  void setRemark(std::size_t index, const std::string& remark) { states_[index].remark = remark; }

  bool isGivenUp(std::size_t index) const;
  bool hasRefused(std::size_t index) const { return !states_[index].problem.empty(); }
  // Whether a worker may be started now: after a failure there is a pause.
  bool mayStart(std::size_t index, Time now) const { return now >= states_[index].nextStart; }
  // Whether none of its workers has ever been ready.
  bool isUnheard(std::size_t index) const { return !states_[index].ready; }
  // Each has announced itself or was given up: the runner knows what it can handle.
  bool allHaveSpoken() const;
  // What is wrong with the hosts that are given up, and the remarks.
  std::vector<RunnerProblem> problems() const;

 private:
  struct State {
    platform::WorkerHost host;
    bool spoken = false;
    bool ready = false;
    std::vector<std::string> classes;
    int failedStarts = 0;  // in a row
    std::string problem;   // that it told itself
    std::string remark;
    Time nextStart{};
  };

  std::vector<State> states_;
};

}  // namespace taskqueue::runner
