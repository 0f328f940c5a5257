// A runner whose handlers are done at once, or after a moment: the real database thread, without processes.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "module/store/maria_task_store.h"
#include "runner/ticker.h"

namespace taskqueue::chaos {

std::unique_ptr<store::MariaTaskStore> connect(const store::ConnectionSettings& settings);

class InstantRunner {
 public:
  // Whether runs may be taken from it: only where somebody edits the rows.
  enum class Losses { Forbidden, Allowed };

  // Works through `used`, registers through `whole`. None of them can see the others' processes.
  InstantRunner(const store::ConnectionSettings& used, const store::ConnectionSettings& whole, int number,
                std::atomic<int>& executed, Losses losses,
                std::chrono::milliseconds work = std::chrono::milliseconds(0));

  bool stop();
  const std::map<int, int>& executions() const { return executions_; }  // by task; after stop()
  int lost() const { return lost_; }

 private:
  void execute(const std::vector<ClaimedRun>& runs);
  void finish(const RunOwnership& owned);
  void workLater();  // the thread of those that take a moment

  std::atomic<int>& executed_;
  std::atomic<int> lost_ = 0;
  std::unique_ptr<store::MariaTaskStore> store_;
  LeaseWatch leaseWatch_{std::chrono::seconds(60)};
  TaskQueue queue_;
  std::map<int, int> executions_;  // only on the database thread until stop()
  std::unique_ptr<runner::Ticker> ticker_;

  struct Later {
    std::chrono::steady_clock::time_point at;
    RunOwnership owned;
  };
  std::chrono::milliseconds work_;
  std::mutex mutex_;
  std::deque<Later> later_;  // guarded by mutex_
  std::atomic<bool> ending_ = false;
  std::thread worker_;
};

}  // namespace taskqueue::chaos
