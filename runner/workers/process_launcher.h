// Starts workers as real processes, through Boost.Process v2. A worker gets its own process group, a fixed
// environment, /dev/null or a pipe as standard input, pipes for its output, the control socket as descriptor
// 3 and nothing else; it dies when the runner's loop thread dies.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "runner/workers/child_reaper.h"
#include "runner/workers/worker.h"

namespace taskqueue::runner {

class ProcessLauncher : public WorkerLauncher {
 public:
  explicit ProcessLauncher(boost::asio::io_context& loop) : loop_(loop), reaper_(loop) {}

  std::unique_ptr<Worker> launch(const LaunchOrder& order, WorkerEvents& events) override;

  void stop() { reaper_.stop(); }

 private:
  boost::asio::io_context& loop_;
  ChildReaper reaper_;
  int launched_ = 0;
};

}  // namespace taskqueue::runner
