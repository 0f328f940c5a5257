// Removes files that handlers left behind, in a separate thread: the loop must not wait for a million files.
//
// Methods may be called from any thread. The destructor waits until everything is removed.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>

namespace taskqueue::runner {

class BackgroundRemovals {
 public:
  BackgroundRemovals() = default;
  ~BackgroundRemovals();
  BackgroundRemovals(const BackgroundRemovals&) = delete;
  BackgroundRemovals& operator=(const BackgroundRemovals&) = delete;

  // Calls `removal` soon, after those added earlier. The first call starts the thread.
  void add(std::function<void()> removal);

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::queue<std::function<void()>> removals_;  // guarded by mutex_
  bool ending_ = false;                         // guarded by mutex_
  std::thread thread_;                          // guarded by mutex_
};

}  // namespace taskqueue::runner
