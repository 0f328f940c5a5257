// Waits for every child of the runner: the guards of its workers, and the orphans that come back to it when
// a guard was killed. Those are killed, whatever they have made of their environment.
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

  // Children that the process has already are nobody's orphans: they are left alone.
  explicit ChildReaper(boost::asio::io_context& loop);

  // Calls `onExit` once, from the loop, when the child has ended. Watch it in the same turn of the loop in
  // which it was started.
  void watch(int processId, OnExit onExit);
  // Kills it with all that is below it; its end is told to nobody.
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
