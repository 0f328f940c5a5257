// Batches in a real PHP worker, through its real pipes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <map>
#include <thread>

#include "module/json/writer.h"
#include "runner/worker_slot.h"
#include "runner/workers/process_launcher.h"
#include "runner/workers/process_tree.h"
#include "tests/support/eventually.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using ::testing::ElementsAre;
namespace fs = std::filesystem;

constexpr auto kPhpLimit = 60s;

class PhpBatchTest : public ::testing::Test {
 protected:
  PhpBatchTest() {
    becomeSubreaper();
    std::string name = fs::temp_directory_path() / "php-batch-XXXXXX";
    configuration_.runner.runDirectory = ::mkdtemp(name.data());
    slot_ = std::make_unique<WorkerSlot>(WorkerSlot::Kind::Persistent, 1, owner());
    LaunchOrder order;
    const std::string source = TASKQUEUE_CHECKOUT;
    order.command = {"/usr/bin/php", source + "/module/php/worker.php",
                     "--bootstrap=" + source + "/tests/support/php/worker_handlers.php",
                     "--recycle-runs=100000"};
    slot_->launch(launcher_, order, std::make_unique<platform::BatchRecord>(configuration_, "name", 1));
    EXPECT_TRUE(eventually([&] { return turnLoop(), slot_->isIdle(); }, kPhpLimit));
    EXPECT_TRUE(slot_->takesBatches());
  }
  ~PhpBatchTest() override { fs::remove_all(configuration_.runner.runDirectory); }

  WorkerSlot::Owner owner() {
    WorkerSlot::Owner owner;
    owner.onHandlers = [](WorkerSlot&, const Handlers&) {};
    owner.onRefused = [](WorkerSlot&, const Refusal&) {};
    owner.onRecycle = [](WorkerSlot&) {};
    owner.onReady = [](WorkerSlot&) {};
    owner.onRunOver = [this](WorkerSlot& slot, const ResourceUse* use) {
      const auto run = slot.takeRun();
      const int id = run->owned().runId;
      ended_.push_back(id);
      auto verdict = run->finish(use, 0, std::chrono::steady_clock::now());
      if (auto* end = std::get_if<RunEnd>(&verdict)) ends_[id] = *end;
    };
    owner.onGivenBack = [this](std::deque<PendingRun> runs) {
      for (PendingRun& pending : runs) back_.push_back(std::move(pending));
    };
    owner.onWorkerGone = [this](WorkerSlot&) { isGone_ = true; };
    return owner;
  }
  void turnLoop() {
    loop_.restart();
    loop_.poll();
  }
  PendingRun runOf(int id, const std::string& code) {
    json::Writer data;
    data.startObject().member("do", code).endObject();
    ClaimedRun claimed;
    claimed.owned = {id, id, "token-" + std::to_string(id)};
    claimed.attempt = 1;
    claimed.task.taskHandlerClass = "Does";
    claimed.task.taskData = data.text();
    auto run =
        std::make_unique<ActiveRun>(claimed, ActiveRun::Limits{.timeLimit = 60s, .outcomeNeeded = true},
                                    std::chrono::steady_clock::now());
    return {std::move(run), nullptr, {}, {}};
  }
  void start(const std::vector<std::string>& codes) {
    std::deque<PendingRun> runs;
    int id = 0;
    for (const std::string& code : codes) runs.push_back(runOf(++id, code));
    ASSERT_TRUE(slot_->startBatch(runs, std::chrono::steady_clock::now()));
  }
  // What is given back is handed over again, until all have ended.
  void finish(std::size_t count) {
    EXPECT_TRUE(eventually(
        [&] {
          turnLoop();
          if (slot_->isIdle() && !back_.empty()) slot_->startBatch(back_, std::chrono::steady_clock::now());
          return ended_.size() == count;
        },
        kPhpLimit));
  }

  boost::asio::io_context loop_;
  ProcessLauncher launcher_{loop_};
  platform::Configuration configuration_;
  std::unique_ptr<WorkerSlot> slot_;
  std::vector<int> ended_;
  std::map<int, RunEnd> ends_;
  std::deque<PendingRun> back_;
  bool isGone_ = false;
};

TEST_F(PhpBatchTest, EachRunHasItsOwnOutputAndItsOwnEnd) {
  const std::vector<std::string> kinds{
      "return $run->getId();",
      "echo 'out ', $run->getId(); return $run->getId();",
      "return $run->getId();",
      "fwrite(STDERR, 'err ' . $run->getId()); usleep(random_int(0, 2000)); return $run->getId();",
      "passthru('printf \"child ' . $run->getId() . '\"'); return $run->getId();",
      "throw new TaskQueue\\TaskError('code' . $run->getId(), 'told');",
      "return $run->getId();",
  };
  std::vector<std::string> codes;
  for (int i = 0; i < 63; ++i) codes.push_back(kinds[static_cast<std::size_t>(i) % kinds.size()]);
  start(codes);
  finish(codes.size());
  for (int id = 1; id <= 63; ++id) {
    const RunEnd& end = ends_.at(id);
    const std::string number = std::to_string(id);
    const int kind = (id - 1) % 7;
    EXPECT_EQ(end.standardOutput.kept, kind == 1   ? "out " + number
                                       : kind == 4 ? "child " + number
                                                   : "")
        << id;
    if (kind == 5) {
      EXPECT_EQ(end.errorCode, "code" + number);
      EXPECT_NE(end.errorOutput.kept.find("told"), std::string::npos) << id;
    } else {
      EXPECT_EQ(end.errorOutput.kept, kind == 3 ? "err " + number : "") << id;
      EXPECT_EQ(end.results, number) << id;
    }
  }
}

// The runner takes it back while the first run goes on; the worker does not begin it.
TEST_F(PhpBatchTest, BehindALongRunTheRestIsTakenBack) {
  start({"return 1;", "usleep(400000); return 2;", "return 3;", "return 4;"});
  EXPECT_TRUE(eventually([&] { return turnLoop(), ended_.size() == 1; }, kPhpLimit));
  std::this_thread::sleep_for(50ms);
  slot_->takeBack();
  EXPECT_EQ(back_.size(), 2U);
  back_.clear();
  EXPECT_TRUE(eventually([&] { return turnLoop(), slot_->isIdle(); }, kPhpLimit));
  EXPECT_THAT(ended_, ElementsAre(1, 2));
}

TEST_F(PhpBatchTest, WhenTheWorkerIsKilledInTheMiddleOnlyTheBegunRunFails) {
  start({"return 1;", "return 2;", "posix_kill(getmypid(), 9);", "return 4;", "return 5;"});
  EXPECT_TRUE(eventually([&] { return turnLoop(), isGone_; }, kPhpLimit));
  EXPECT_THAT(ended_, ElementsAre(1, 2, 3));
  EXPECT_EQ(ends_.at(2).status, RunStatus::Success);
  EXPECT_EQ(ends_.at(3).errorCode, "signal");
  EXPECT_EQ(back_.size(), 2U);
}

TEST_F(PhpBatchTest, WhenTheHandlerEndsTheProcessOnlyItsRunFails) {
  start({"return 1;", "exit(3);", "return 3;"});
  EXPECT_TRUE(eventually([&] { return turnLoop(), isGone_; }, kPhpLimit));
  EXPECT_THAT(ended_, ElementsAre(1, 2));
  EXPECT_EQ(ends_.at(2).errorCode, "exit");
  EXPECT_EQ(back_.size(), 1U);
}

TEST_F(PhpBatchTest, AStopReachesItsRunAndNoOther) {
  const std::string waits = "while (!$run->isCancelled()) { usleep(1000); } return 1;";
  start({"return 1;", waits, "return $run->isCancelled();"});
  EXPECT_TRUE(eventually([&] { return turnLoop(), ended_.size() == 1; }, kPhpLimit));
  slot_->requestStop({1, 2}, StopReason::Cancelled, std::chrono::steady_clock::now());
  finish(3);
  EXPECT_EQ(ends_.at(2).status, RunStatus::Cancelled);
  EXPECT_EQ(ends_.at(3).results, "false");
}

}  // namespace
}  // namespace taskqueue::runner
