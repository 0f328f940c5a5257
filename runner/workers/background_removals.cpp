#include "runner/workers/background_removals.h"

#include <pthread.h>
#include <signal.h>

#include <utility>

namespace taskqueue::runner {

BackgroundRemovals::~BackgroundRemovals() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void BackgroundRemovals::add(std::function<void()> removal) {
  const std::lock_guard lock(mutex_);
  removals_.push(std::move(removal));
  changed_.notify_one();
  if (thread_.joinable()) return;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);  // the loop's thread handles all signals
  thread_ = std::thread([this] { work(); });
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void BackgroundRemovals::work() {
  while (true) {
    std::function<void()> next;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !removals_.empty(); });
      if (removals_.empty()) return;
      next = std::move(removals_.front());
      removals_.pop();
    }
    next();
  }
}

}  // namespace taskqueue::runner
