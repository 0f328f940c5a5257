// Starts workers as real processes, through Boost.Process v2. A worker has its own process group and a fixed
// environment. Its descriptors 0 to 2 are pipes, 3 is the control socket, and 4 may be a record of batches;
// no other one is open. It dies when the runner's loop thread dies.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "runner/workers/background_removals.h"
#include "runner/workers/child_reaper.h"
#include "runner/workers/work_directory.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

class ProcessLauncher : public WorkerLauncher {
 public:
  explicit ProcessLauncher(boost::asio::io_context& loop) : loop_(loop), reaper_(loop) {}

  std::unique_ptr<Worker> launch(const LaunchOrder& order, WorkerEvents& events) override;

  // Removes the directories that ended runners left below `workBase`, in the background.
  void sweep(const std::string& workBase);

  void stop() { reaper_.stop(); }

 private:
  std::shared_ptr<WorkDirectory> makeDirectory(const LaunchOrder& order, const std::string& name);

  boost::asio::io_context& loop_;
  BackgroundRemovals removals_;
  ChildReaper reaper_;
  int launched_ = 0;
};

}  // namespace taskqueue::runner
