// A worker slot with a worker that sends what the test wants.
#include "runner/worker_slot.h"

#include <gtest/gtest.h>

#include "tests/unit/fake_worker.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCppHost = 0;
constexpr std::size_t kPhpHost = 1;

class SlotTest : public ::testing::Test {
 protected:
  std::unique_ptr<WorkerSlot> launch(WorkerSlot::Kind kind, std::size_t pool) {
    WorkerSlot::Owner owner;
    owner.onHandlers = [](WorkerSlot&, const Handlers&) {};
    owner.onRefused = [this](WorkerSlot&, const Refusal& refusal) { refusal_ = refusal.problem; };
    owner.onRecycle = [this](WorkerSlot&) { ++worn_; };
    owner.onReady = [](WorkerSlot&) {};
    owner.onRunOver = [this](WorkerSlot& slot, const ResourceUse* use) {
      end_ = std::get<RunEnd>(slot.takeRun()->finish(use, 0, std::chrono::steady_clock::now()));
    };
    owner.onWorkerGone = [](WorkerSlot&) {};
    auto slot = std::make_unique<WorkerSlot>(kind, pool, std::move(owner));
    slot->launch(launcher_, {});
    return slot;
  }
  static SteadyTime after(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }

  ToldWorker told_;
  FakeLauncher launcher_{told_};
  std::string refusal_;
  int worn_ = 0;
  std::optional<RunEnd> end_;
};

std::unique_ptr<ActiveRun> givenRun() {
  ClaimedRun claimed;
  claimed.owned = {7, 3, "token"};
  return std::make_unique<ActiveRun>(claimed, ActiveRun::Limits{.outcomeNeeded = true}, SteadyTime{});
}

constexpr const char* kReady = R"({"type":"handlers","handlers":[]})";

TEST_F(SlotTest, AWorkerThatHasRefusedMayStayAndIsNotLate) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(R"({"type":"refused","Problem":"a.php:3","watches":true})");
  EXPECT_EQ(refusal_, "a.php:3");
  refusal_.clear();
  slot->killIfLate(after(31s));
  EXPECT_FALSE(told_.killed);
  EXPECT_EQ(refusal_, "");
  told_.events->onLine(kReady);
  EXPECT_FALSE(slot->isIdle()) << "it has said that it cannot serve";
  slot->killIfLate(after(91s));
  EXPECT_TRUE(told_.killed) << "but not for ever";
}

TEST_F(SlotTest, AnIdleWorkerThatAsksToBeReplacedTakesNoRunUntilItIsToldToGoOn) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(R"({"type":"recycle"})");
  EXPECT_EQ(worn_, 0) << "it has not announced itself";
  told_.events->onLine(kReady);
  told_.events->onLine(R"({"type":"recycle"})");
  told_.events->onLine(R"({"type":"recycle"})");
  EXPECT_EQ(worn_, 1) << "it is asked for once";
  EXPECT_FALSE(slot->isIdle());
  EXPECT_TRUE(slot->isHeld());
  slot->goOn();
  EXPECT_TRUE(slot->isIdle());
  slot->start(givenRun());
  told_.events->onLine(R"({"type":"recycle"})");
  EXPECT_EQ(worn_, 1) << "the end of the run tells what comes next";
  EXPECT_FALSE(told_.killed);
}

TEST_F(SlotTest, AWornWorkerTakesNoRunUntilItIsToldToGoOn) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(kReady);
  slot->start(givenRun());
  told_.events->onLine(R"({"type":"result","RunToken":"token","recycle":true})");
  EXPECT_EQ(worn_, 1);
  EXPECT_FALSE(slot->isIdle());
  EXPECT_TRUE(slot->mayServe());
  slot->goOn();
  EXPECT_TRUE(slot->isIdle());
}

TEST_F(SlotTest, AWorkerThatRetiresEndsAfterItsRun) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(kReady);
  slot->start(givenRun());
  slot->retire(std::chrono::steady_clock::now());
  EXPECT_FALSE(told_.terminated) << "its run is not cut short";
  EXPECT_FALSE(slot->mayServe());
  told_.events->onLine(R"({"type":"result","RunToken":"token"})");
  EXPECT_TRUE(told_.terminated);
  EXPECT_FALSE(slot->isIdle());
  slot->killIfOverGrace(after(3s));
  EXPECT_TRUE(told_.killed);
}

TEST_F(SlotTest, AnIdleWorkerThatRetiresEndsAtOnce) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(kReady);
  slot->retire(std::chrono::steady_clock::now());
  EXPECT_TRUE(told_.terminated);
  EXPECT_FALSE(slot->isIdle());
}

TEST_F(SlotTest, AWorkerThatIsNotReadyIn30SecondsIsRefusedAndKilled) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  slot->killIfLate(after(29s));
  EXPECT_FALSE(told_.killed);
  EXPECT_EQ(refusal_, "");
  slot->killIfLate(after(31s));
  EXPECT_TRUE(told_.killed);
  EXPECT_NE(refusal_.find("was not ready 30 s after its start"), std::string::npos) << refusal_;
  refusal_.clear();
  slot->killIfLate(after(32s));
  EXPECT_EQ(refusal_, "") << "told twice";
}

TEST_F(SlotTest, WhatALateWorkerSaysAfterItWasKilledDoesNotMakeItReady) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  slot->killIfLate(after(31s));
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  EXPECT_FALSE(slot->isIdle());
  EXPECT_TRUE(slot->isStarting());
}

TEST_F(SlotTest, ALateWorkerOfTheHostThatMustWorkIsKilledAndItsHostIsNotLeftOut) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kCppHost);
  slot->killIfLate(after(31s));
  EXPECT_TRUE(told_.killed);
  EXPECT_EQ(refusal_, "");
}

TEST_F(SlotTest, AReadyWorkerAndACommandAreNeverLate) {
  const auto kept = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  ASSERT_TRUE(kept->isIdle());
  kept->killIfLate(after(3600s));
  const auto command = launch(WorkerSlot::Kind::Command, kCppHost);
  command->killIfLate(after(3600s));
  EXPECT_FALSE(told_.killed);
}

TEST_F(SlotTest, AStopTellsItsReason) {
  const std::vector<std::pair<StopReason, std::string>> reasons{{StopReason::Cancelled, "cancel"},
                                                                {StopReason::Shutdown, "shutdown"},
                                                                {StopReason::TimeLimit, "time_limit"}};
  for (const auto& [reason, word] : reasons) {
    const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
    told_.events->onLine(R"({"type":"handlers","handlers":[]})");
    slot->start(givenRun());
    told_.sent.clear();
    slot->requestStop(reason, after(0s));
    EXPECT_EQ(told_.sent, R"({"type":"cancel","reason":")" + word + R"(","RunToken":"token"})" + "\n");
  }
}

TEST_F(SlotTest, APersistentWorkerThatClosesItsControlSocketInARunIsKilledAndTheRunSaysWhy) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  slot->start(givenRun());
  told_.events->onControlClosed();
  slot->killIfOverGrace(after(9s));
  EXPECT_FALSE(told_.killed) << "its process may be about to end, and tell more";
  slot->killIfOverGrace(after(11s));
  EXPECT_TRUE(told_.killed);
  const ResourceUse use{.exitSignal = 9};
  told_.events->onExit(use);
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->errorCode, "protocol");
  EXPECT_NE(end_->errorMessage.find("descriptor 3"), std::string::npos) << end_->errorMessage;
}

TEST_F(SlotTest, APersistentWorkerWithoutItsControlSocketGetsNoRun) {
  const auto slot = launch(WorkerSlot::Kind::Persistent, kPhpHost);
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  ASSERT_TRUE(slot->isIdle());
  told_.events->onControlClosed();
  EXPECT_FALSE(slot->isIdle());
}

TEST_F(SlotTest, ACommandNeedsNoControlSocket) {
  const auto slot = launch(WorkerSlot::Kind::Command, kCppHost);
  slot->start(givenRun());
  told_.events->onControlClosed();
  slot->killIfOverGrace(after(3600s));
  EXPECT_FALSE(told_.killed);
}

}  // namespace
}  // namespace taskqueue::runner
