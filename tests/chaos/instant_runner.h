// A runner whose handlers finish at once, or after a moment. Its database thread is real; it has no worker
// processes.
#pragma once

#include <atomic>
#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "module/store/maria_store.h"
#include "runner/database_thread.h"

namespace taskqueue::chaos {

std::unique_ptr<store::MariaStore> connect(const store::ConnectionSettings& settings);

class InstantRunner {
 public:
  // Whether the runner may lose runs: only when an editor changes the rows.
  enum class Losses { Forbidden, Allowed };

  // Works over `used` and registers over `whole`. Instances cannot see each other's processes.
  InstantRunner(const store::ConnectionSettings& used, const store::ConnectionSettings& whole, int number,
                std::atomic<int>& executed, Losses losses,
                std::chrono::milliseconds work = std::chrono::milliseconds(0));

  bool stop();
  const std::map<int, int>& executions() const { return executions_; }  // by task; call it after stop()
  int lost() const { return lost_; }

 private:
  void execute(const std::vector<ClaimedRun>& runs);
  void finish(const RunOwnership& owned);
  void workLater();  // body of the thread that finishes delayed runs

  std::atomic<int>& executed_;
  std::atomic<int> lost_ = 0;
  std::unique_ptr<store::MariaStore> store_;
  LeaseWatch leaseWatch_{std::chrono::seconds(60)};
  TaskQueue queue_;
  std::map<int, int> executions_;  // used by the database thread alone until stop()
  std::unique_ptr<runner::DatabaseThread> databaseThread_;

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
