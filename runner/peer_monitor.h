// The work that each runner does for the whole queue: it rescues the runs of dead runners, repairs tasks that
// the CMS's editor left behind, and stands in for an overseer that is silent.
//
// Thread rule: the database thread alone calls it.
#pragma once

#include <chrono>

#include "module/queue/task_queue.h"

namespace taskqueue::runner {

class PeerMonitor {
 public:
  using Clock = std::chrono::steady_clock;

  // DatabaseThread::Settings describes the two times.
  PeerMonitor(TaskQueue& queue, std::chrono::milliseconds peerCheck, std::chrono::milliseconds lease)
      : queue_(queue), peerCheck_(peerCheck), lease_(lease) {}

  // Does what is due. Returns true when it created runs, so that the caller should claim at once.
  bool run();
  Clock::time_point nextLook() const { return nextLook_; }

 private:
  void watchPeers(Clock::time_point now);
  void repairTasks(Clock::time_point now);
  bool standInForOverseer(Clock::time_point now);

  TaskQueue& queue_;
  const std::chrono::milliseconds peerCheck_;
  const std::chrono::milliseconds lease_;
  Clock::time_point nextLook_{};
  Clock::time_point nextCheck_{};
  Clock::time_point nextRepair_{};
  Clock::time_point nextFallbackPass_{};
};

}  // namespace taskqueue::runner
