// Waits for every child of the runner: its workers and the orphans that come back to it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <unordered_map>

#include "module/queue/run.h"

namespace taskqueue::runner {

class ChildReaper {
 public:
  using OnExit = std::function<void(const ResourceUse& use)>;

  explicit ChildReaper(boost::asio::io_context& loop);

  // Calls `onExit` once, from the loop, when the child has ended. Watch it in the same turn of the loop in
  // which it was started.
  void watch(int processId, OnExit onExit);
  void forget(int processId) { watched_.erase(processId); }

  void stop() { signals_.cancel(); }

 private:
  void waitForSignal();
  void reap();

  boost::asio::signal_set signals_;
  std::unordered_map<int, OnExit> watched_;
};

}  // namespace taskqueue::runner
