// A worker slot with a batch: what becomes of the runs, whatever happens in the middle.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "runner/worker_slot.h"
#include "tests/unit/fake_worker.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

// The slot has a batch of the runs 1 to 4, whose tokens are t1 to t4. The worker's side of the record is
// ours.
class BatchTest : public ::testing::Test {
 protected:
  BatchTest() {
    std::string name = fs::temp_directory_path() / "worker-batch-XXXXXX";
    configuration_.runner.runDirectory = ::mkdtemp(name.data());
    WorkerSlot::Owner owner;
    owner.onHandlers = [](WorkerSlot&, const Handlers&) {};
    owner.onRefused = [](WorkerSlot&, const Refusal&) {};
    owner.onRecycle = [](WorkerSlot&) {};
    owner.onReady = [this](WorkerSlot&) { ++ready_; };
    owner.onRunOver = [this](WorkerSlot& slot, const ResourceUse* use) {
      const auto run = slot.takeRun();
      ended_.push_back(run->owned().runId);
      verdicts_.push_back(run->finish(use, 0, std::chrono::steady_clock::now()));
    };
    owner.onGivenBack = [this](std::deque<PendingRun> runs) {
      for (const PendingRun& pending : runs) givenBack_.push_back(pending.run->owned().runId);
    };
    owner.onWorkerGone = [](WorkerSlot&) {};
    slot_ = std::make_unique<WorkerSlot>(WorkerSlot::Kind::Persistent, 1, std::move(owner));
    slot_->launch(launcher_, {}, std::make_unique<platform::BatchRecord>(configuration_, "name", 1));
    told_.events->onLine(R"({"type":"handlers","protocol":2,"handlers":[]})");
  }
  ~BatchTest() override { fs::remove_all(configuration_.runner.runDirectory); }

  void startBatch() {
    std::deque<PendingRun> runs;
    for (int id = 1; id <= 4; ++id) {
      ClaimedRun claimed;
      claimed.owned = {id, id, "t" + std::to_string(id)};
      runs.push_back({std::make_unique<ActiveRun>(
                          claimed, ActiveRun::Limits{.timeLimit = 10s, .outcomeNeeded = true}, SteadyTime{}),
                      nullptr,
                      {},
                      {}});
    }
    told_.sent.clear();
    ASSERT_TRUE(slot_->startBatch(runs, std::chrono::steady_clock::now()));
    ready_ = 0;
  }
  // The worker notes how many runs have begun, as BatchView does.
  void note(int begun) const {
    const auto byte = static_cast<unsigned char>(begun);
    ASSERT_EQ(::pwrite(told_.batchDescriptor, &byte, 1, 1), 1);
  }
  int allowed() const {
    unsigned char byte = 0;
    EXPECT_EQ(::pread(told_.batchDescriptor, &byte, 1, 0), 1);
    return byte;
  }
  void end(int run, bool next, const std::string& more = "") {
    told_.events->onLine(R"({"type":"result","RunToken":"t)" + std::to_string(run) + "\"" +
                         (next ? R"(,"next":true)" : "") + more + "}");
  }
  // Ends the process by a signal.
  void die() { told_.events->onExit(ResourceUse{.exitSignal = 9}); }
  RunStatus statusOf(std::size_t index) const { return std::get<RunEnd>(verdicts_.at(index)).status; }

  platform::Configuration configuration_;
  ToldWorker told_;
  FakeLauncher launcher_{told_};
  std::unique_ptr<WorkerSlot> slot_;
  std::vector<int> ended_;
  std::vector<RunVerdict> verdicts_;
  std::vector<int> givenBack_;
  int ready_ = 0;
};

TEST_F(BatchTest, TheRunsGoOverTogetherAndEndOneByOne) {
  EXPECT_TRUE(slot_->takesBatches());
  startBatch();
  EXPECT_EQ(std::count(told_.sent.begin(), told_.sent.end(), '\n'), 1);
  const auto order = readOrder(std::string_view(told_.sent).substr(0, told_.sent.size() - 1));
  ASSERT_TRUE(order);
  EXPECT_EQ(std::get<BatchOrder>(*order).size(), 4U);
  EXPECT_TRUE(told_.isBatch);
  end(1, true);
  end(2, true);
  end(3, true);
  EXPECT_EQ(ready_, 0);
  EXPECT_THAT(told_.outputTaken, ElementsAre("read before", "read before", "read before"))
      << "the pipes may have output of the next run";
  end(4, false);
  EXPECT_EQ(told_.outputTaken.back(), "all");
  EXPECT_EQ(ready_, 1);
  EXPECT_THAT(ended_, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(givenBack_, IsEmpty());
}

TEST_F(BatchTest, OfAKilledWorkerOnlyTheBegunRunFails) {
  startBatch();
  note(2);
  end(1, true);
  die();
  EXPECT_THAT(ended_, ElementsAre(1, 2));
  EXPECT_EQ(statusOf(0), RunStatus::Success);
  EXPECT_EQ(statusOf(1), RunStatus::Error);
  EXPECT_EQ(std::get<RunEnd>(verdicts_[1]).errorCode, "signal");
  EXPECT_THAT(givenBack_, ElementsAre(3, 4));
}

// The worker had begun the next run before the kill reached it.
TEST_F(BatchTest, WhatEndedBeforeTheKillCountsAndTheRunAfterItFails) {
  startBatch();
  slot_->killWorker();
  end(1, true);
  end(2, false);
  die();
  EXPECT_THAT(ended_, ElementsAre(1, 2));
  EXPECT_EQ(statusOf(0), RunStatus::Success);
  EXPECT_EQ(statusOf(1), RunStatus::Error) << "what it says after the kill does not count";
  EXPECT_THAT(givenBack_, ElementsAre(3, 4));
}

TEST_F(BatchTest, WhatTheWorkerHasNotBegunIsTakenBackAtOnce) {
  startBatch();
  slot_->takeBack();
  EXPECT_EQ(allowed(), 1);
  EXPECT_THAT(givenBack_, ElementsAre(2, 3, 4));
  end(1, false);
  EXPECT_EQ(ready_, 1);
  EXPECT_THAT(ended_, ElementsAre(1));
}

// The worker is ahead of what we have read.
TEST_F(BatchTest, WhatTheWorkerMayHaveBegunStaysWithItUntilItTells) {
  startBatch();
  note(3);
  slot_->takeBack();
  EXPECT_THAT(givenBack_, ElementsAre(4));
  end(1, true);
  end(2, false);  // it had noted the third run, and then seen that it must not begin
  EXPECT_THAT(givenBack_, ElementsAre(4, 3));
  EXPECT_THAT(ended_, ElementsAre(1, 2));
}

TEST_F(BatchTest, AWorkerThatEndsItsBatchEarlyGivesTheRestBack) {
  startBatch();
  end(1, false);
  EXPECT_THAT(givenBack_, ElementsAre(2, 3, 4));
  EXPECT_EQ(ready_, 1);
}

TEST_F(BatchTest, AWorkerThatEndsAfterARunGivesTheRestBack) {
  startBatch();
  end(1, false, R"(,"last":true)");
  EXPECT_THAT(givenBack_, ElementsAre(2, 3, 4));
  EXPECT_FALSE(slot_->isIdle());
}

TEST_F(BatchTest, AStopNamesItsRunAndTakesTheRestBack) {
  startBatch();
  told_.sent.clear();
  slot_->requestStop({1}, StopReason::Cancelled, std::chrono::steady_clock::now());
  EXPECT_EQ(told_.sent, R"({"type":"cancel","reason":"cancel","RunToken":"t1"})"
                        "\n");
  EXPECT_THAT(givenBack_, ElementsAre(2, 3, 4));
}

TEST_F(BatchTest, ACancelledRunThatHasNotBegunIsTakenBackAndTheFirstOneGoesOn) {
  startBatch();
  told_.sent.clear();
  slot_->requestStop({3}, StopReason::Cancelled, std::chrono::steady_clock::now());
  EXPECT_EQ(told_.sent, "");
  EXPECT_THAT(givenBack_, ElementsAre(2, 3, 4));
  EXPECT_FALSE(slot_->run()->stopReason());
}

TEST_F(BatchTest, ARunThatIsCancelledWhileItMayHaveBegunIsToldWhenItHas) {
  startBatch();
  note(2);
  told_.sent.clear();
  slot_->requestStop({2}, StopReason::Cancelled, std::chrono::steady_clock::now());
  EXPECT_EQ(told_.sent, "");
  end(1, true);
  EXPECT_NE(told_.sent.find(R"("RunToken":"t2")"), std::string::npos) << told_.sent;
  EXPECT_EQ(statusOf(0), RunStatus::Success);
}

TEST_F(BatchTest, EachRunHasItsOwnTimeLimit) {
  startBatch();
  end(1, true);
  EXPECT_FALSE(slot_->run()->isOverTime(std::chrono::steady_clock::now() + 9s));
  EXPECT_TRUE(slot_->run()->isOverTime(std::chrono::steady_clock::now() + 11s));
}

TEST_F(BatchTest, OutputProgressAndMasksBelongToTheRunInHand) {
  startBatch();
  told_.events->onOutput(OutputStream::StandardOutput, "one");
  end(1, true);
  told_.events->onLine(R"({"type":"mask","Value":"hunter2","RunToken":"t2"})");
  told_.events->onLine(R"({"type":"progress","PercentsCompleted":40,"RunToken":"t2"})");
  told_.events->onLine(R"({"type":"progress","PercentsCompleted":90,"RunToken":"t3"})");
  told_.events->onOutput(OutputStream::StandardOutput, "two hunter2");
  end(2, false);
  EXPECT_EQ(std::get<RunEnd>(verdicts_[0]).standardOutput.kept, "one");
  EXPECT_EQ(std::get<RunEnd>(verdicts_[1]).standardOutput.kept, "two ••••••");
}

TEST_F(BatchTest, AWorkerThatBeginsARunWhichItDoesNotHaveBreaksTheProtocol) {
  startBatch();
  for (int run = 1; run <= 3; ++run) end(run, true);
  end(4, true);
  EXPECT_TRUE(told_.killed);
  die();
  EXPECT_EQ(std::get<RunEnd>(verdicts_.back()).errorCode, "protocol");
}

// Its record has them, and their ends may not be in the table: a rescuer must find them.
TEST_F(BatchTest, TheTokensOfABatchAreKnownUntilTheNextBatchAlsoAfterASingleRun) {
  startBatch();
  for (int run = 1; run <= 4; ++run) end(run, run < 4);
  ClaimedRun claimed;
  claimed.owned = {5, 5, "t5"};
  slot_->start(std::make_unique<ActiveRun>(claimed, ActiveRun::Limits{.outcomeNeeded = true}, SteadyTime{}));
  EXPECT_THAT(slot_->batchTokens(), ElementsAre("t1", "t2", "t3", "t4"));
}

TEST_F(BatchTest, AWorkerOfVersion1GetsNoBatch) {
  WorkerSlot::Owner owner;
  owner.onHandlers = [](WorkerSlot&, const Handlers&) {};
  owner.onReady = [](WorkerSlot&) {};
  WorkerSlot slot(WorkerSlot::Kind::Persistent, 1, std::move(owner));
  slot.launch(launcher_, {}, std::make_unique<platform::BatchRecord>(configuration_, "name", 2));
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  EXPECT_TRUE(slot.isIdle());
  EXPECT_FALSE(slot.takesBatches());
}

}  // namespace
}  // namespace taskqueue::runner
