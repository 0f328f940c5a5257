// Waits for every child of the runner: the process guards of its workers, and orphans that become its
// children when a guard was killed. Such orphans are killed, even if they changed their environment.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "module/queue/run.h"

namespace taskqueue::runner {

class ChildReaper {
 public:
  using OnExit = std::function<void(const ResourceUse& use)>;

  // Children that this process already has are not orphans; they are left alone.
  explicit ChildReaper(boost::asio::io_context& loop);

  // Calls `onExit` once, on the loop thread, when the child has ended. Call it in the same turn of the loop
  // in which the child was started.
  void watch(int processId, OnExit onExit);
  // Kills the process and all its descendants. `onExit` is not called.
  void killUnwatched(int processId);

  void stop() { signals_.cancel(); }

 private:
  void waitForSignal();
  void reap();
  void killOrphans();

  boost::asio::signal_set signals_;
  std::unordered_map<int, OnExit> watched_;
  std::unordered_set<int> inherited_;
};

}  // namespace taskqueue::runner
