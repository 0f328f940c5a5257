#include "tests/chaos/instant_runner.h"

#include <gtest/gtest.h>

#include "module/platform/random.h"
#include "tests/support/database_environment.h"

namespace taskqueue::chaos {

using namespace std::chrono_literals;

std::unique_ptr<store::MariaStore> connect(const store::ConnectionSettings& settings) {
  return std::make_unique<store::MariaStore>(
      settings, test_support::cmsNames(), [] { return platform::randomHex(16); }, &platform::randomChance);
}

InstantRunner::InstantRunner(const store::ConnectionSettings& used, const store::ConnectionSettings& whole,
                             int number, std::atomic<int>& executed, Losses losses,
                             std::chrono::milliseconds work)
    : executed_(executed),
      store_(connect(used)),
      queue_(store_->roles(), {}, RescuePolicy{}, leaseWatch_),
      work_(work) {
  NewRunner self;
  self.identity = currentProcessIdentity();
  self.identity.hostName = self.identity.bootId = "host " + std::to_string(number);
  self.queues = {"default"};
  const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"}};
  const int id = connect(whole)->runners.registerRunner(self, handlers);
  runner::DatabaseThread::Settings settings{.taskRunnerId = id,
                                            .queues = {"default"},
                                            .handlers = {"Echo"},
                                            .heartbeat = 20ms,
                                            .lease = 3600s,
                                            .peerCheck = 3600s,
                                            .flush = 5ms,
                                            .pollBusy = 1ms,
                                            .pollIdle = 5ms,
                                            .firstBackoff = 1ms,
                                            .longestBackoff = 10ms};
  runner::DatabaseThread::Callbacks callbacks;
  callbacks.onClaimed = [this](std::vector<ClaimedRun> runs) { execute(runs); };
  callbacks.onCancelRequested = [](const std::vector<int>&) {};
  callbacks.onLost = [this, losses](const std::vector<int>& ids) {
    lost_ += static_cast<int>(ids.size());
    if (losses == Losses::Forbidden) ADD_FAILURE() << "lost run " << ids.front();
  };
  callbacks.onDrainRequested = [] {};
  callbacks.onLeaseLost = [](bool) { ADD_FAILURE() << "the lease was lost"; };
  callbacks.onBroken = [](const std::string& problem) { ADD_FAILURE() << problem; };
  databaseThread_ = std::make_unique<runner::DatabaseThread>(store_->runners, queue_, settings, callbacks);
  databaseThread_->addFreeSlots(8);
  databaseThread_->start();
  if (work_ > 0ms) worker_ = std::thread([this] { workLater(); });
}

bool InstantRunner::stop() {
  databaseThread_->stopClaiming();
  ending_ = true;
  if (worker_.joinable()) worker_.join();
  return databaseThread_->stop(20s);
}

void InstantRunner::execute(const std::vector<ClaimedRun>& runs) {
  for (const ClaimedRun& run : runs) {
    ++executions_[run.owned.taskQueueId];
    ++executed_;
    if (work_ == 0ms) {
      finish(run.owned);
      continue;
    }
    const std::lock_guard lock(mutex_);
    later_.push_back({std::chrono::steady_clock::now() + work_, run.owned});
  }
}

void InstantRunner::finish(const RunOwnership& owned) {
  RunEnd end;
  end.owned = owned;
  end.standardOutput.kept = "done";
  end.standardOutput.totalBytes = 4;
  databaseThread_->finish(std::move(end));
  databaseThread_->addFreeSlots(1);
}

void InstantRunner::workLater() {
  while (true) {
    std::optional<RunOwnership> due;
    {
      const std::lock_guard lock(mutex_);
      if (later_.empty() && ending_) return;
      if (!later_.empty() && std::chrono::steady_clock::now() >= later_.front().at) {
        due = later_.front().owned;
        later_.pop_front();
      }
    }
    if (due) {
      finish(*due);
    } else {
      std::this_thread::sleep_for(1ms);
    }
  }
}

}  // namespace taskqueue::chaos
