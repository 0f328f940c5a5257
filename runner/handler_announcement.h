// The handlers that this runner offers, and their announcement, which is written to the database apart from
// the ends of runs.
//
// Thread rule: write() is called by the database thread alone, all others may be called from any thread.
#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "module/queue/task_queue.h"

namespace taskqueue::runner {

class HandlerAnnouncement {
 public:
  using Clock = std::chrono::steady_clock;

  // `written` are the handlers that the runner's registration has announced.
  explicit HandlerAnnouncement(std::vector<std::string> written) : claimable_(std::move(written)) {}

  // A removed handler is not claimable after this call, a new one once the announcement is written.
  void replace(std::vector<HandlerDeclaration> handlers);
  std::vector<std::string> claimable() const;
  std::optional<Clock::time_point> dueAt() const;  // absent: nothing is to be written
  // Writes the announcement if it is due. Returns whether the claimable handlers have changed. Throws
  // StoreError, but waits when the rows are locked.
  bool write(RunnerStore& store, int taskRunnerId);

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> claimable_;                        // guarded by mutex_
  std::optional<std::vector<HandlerDeclaration>> unwritten_;  // guarded by mutex_
  int number_ = 0;                                            // guarded by mutex_; counts replace()
  Clock::time_point dueAt_{};                                 // guarded by mutex_
};

}  // namespace taskqueue::runner
