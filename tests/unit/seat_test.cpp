// A worker slot with a worker that sends what the test wants.
#include "runner/seat.h"

#include <gtest/gtest.h>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCppHost = 0;
constexpr std::size_t kPhpHost = 1;

struct Told {
  bool killed = false;
  std::string sent;  // since the last look
  bool terminated = false;
  WorkerEvents* events = nullptr;
};

class FakeWorker : public Worker {
 public:
  explicit FakeWorker(Told& told) : told_(told) {}
  void send(std::string line) override { told_.sent += line; }
  void giveInput(std::string) override {}
  void drainOutput() override {}
  void terminate() override { told_.terminated = true; }
  void kill() override { told_.killed = true; }
  int processId() const override { return 1; }

 private:
  Told& told_;
};

class FakeLauncher : public WorkerLauncher {
 public:
  explicit FakeLauncher(Told& told) : told_(told) {}
  std::unique_ptr<Worker> launch(const LaunchOrder&, WorkerEvents& events) override {
    told_.events = &events;
    return std::make_unique<FakeWorker>(told_);
  }

 private:
  Told& told_;
};

class SeatTest : public ::testing::Test {
 protected:
  std::unique_ptr<Seat> launch(Seat::Kind kind, std::size_t host) {
    Seat::Owner owner;
    owner.onHandlers = [](Seat&, const Handlers&) {};
    owner.onRefused = [this](Seat&, const Refusal& refusal) { refusal_ = refusal.problem; };
    owner.onWorn = [this](Seat&) { ++worn_; };
    owner.onReady = [](Seat&) {};
    owner.onRunOver = [this](Seat& seat, const ResourceUse* use) {
      end_ = std::get<RunEnd>(seat.takeRun()->finish(use, 0, std::chrono::steady_clock::now()));
    };
    owner.onWorkerGone = [](Seat&) {};
    auto seat = std::make_unique<Seat>(kind, host, std::move(owner));
    seat->launch(launcher_, {});
    return seat;
  }
  static SteadyTime after(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }

  Told told_;
  FakeLauncher launcher_{told_};
  std::string refusal_;
  int worn_ = 0;
  std::optional<RunEnd> end_;
};

std::unique_ptr<RunInHand> givenRun() {
  ClaimedRun claimed;
  claimed.owned = {7, 3, "token"};
  return std::make_unique<RunInHand>(claimed, RunInHand::Limits{.wordNeeded = true}, SteadyTime{});
}

constexpr const char* kReady = R"({"type":"handlers","handlers":[]})";

TEST_F(SeatTest, AWorkerThatHasRefusedMayStayAndIsNotLate) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  told_.events->onLine(R"({"type":"refused","Problem":"a.php:3","watches":true})");
  EXPECT_EQ(refusal_, "a.php:3");
  refusal_.clear();
  seat->killIfLate(after(31s));
  EXPECT_FALSE(told_.killed);
  EXPECT_EQ(refusal_, "");
  told_.events->onLine(kReady);
  EXPECT_FALSE(seat->isIdle()) << "it has said that it cannot serve";
  seat->killIfLate(after(91s));
  EXPECT_TRUE(told_.killed) << "but not for ever";
}

TEST_F(SeatTest, AWornWorkerTakesNoRunUntilItIsToldToGoOn) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  told_.events->onLine(kReady);
  seat->start(givenRun());
  told_.events->onLine(R"({"type":"result","RunToken":"token","worn":true})");
  EXPECT_EQ(worn_, 1);
  EXPECT_FALSE(seat->isIdle());
  EXPECT_TRUE(seat->mayServe());
  seat->goOn();
  EXPECT_TRUE(seat->isIdle());
}

TEST_F(SeatTest, AWorkerThatRetiresEndsAfterItsRun) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  told_.events->onLine(kReady);
  seat->start(givenRun());
  seat->retire(std::chrono::steady_clock::now());
  EXPECT_FALSE(told_.terminated) << "its run is not cut short";
  EXPECT_FALSE(seat->mayServe());
  told_.events->onLine(R"({"type":"result","RunToken":"token"})");
  EXPECT_TRUE(told_.terminated);
  EXPECT_FALSE(seat->isIdle());
  seat->killIfOverGrace(after(3s));
  EXPECT_TRUE(told_.killed);
}

TEST_F(SeatTest, AnIdleWorkerThatRetiresEndsAtOnce) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  told_.events->onLine(kReady);
  seat->retire(std::chrono::steady_clock::now());
  EXPECT_TRUE(told_.terminated);
  EXPECT_FALSE(seat->isIdle());
}

TEST_F(SeatTest, AWorkerThatIsNotReadyIn30SecondsIsRefusedAndKilled) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  seat->killIfLate(after(29s));
  EXPECT_FALSE(told_.killed);
  EXPECT_EQ(refusal_, "");
  seat->killIfLate(after(31s));
  EXPECT_TRUE(told_.killed);
  EXPECT_NE(refusal_.find("was not ready 30 s after its start"), std::string::npos) << refusal_;
  refusal_.clear();
  seat->killIfLate(after(32s));
  EXPECT_EQ(refusal_, "") << "told twice";
}

TEST_F(SeatTest, WhatALateWorkerSaysAfterItWasKilledDoesNotMakeItReady) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  seat->killIfLate(after(31s));
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  EXPECT_FALSE(seat->isIdle());
  EXPECT_TRUE(seat->isStarting());
}

TEST_F(SeatTest, ALateWorkerOfTheHostThatMustWorkIsKilledAndItsHostIsNotLeftOut) {
  const auto seat = launch(Seat::Kind::Kept, kCppHost);
  seat->killIfLate(after(31s));
  EXPECT_TRUE(told_.killed);
  EXPECT_EQ(refusal_, "");
}

TEST_F(SeatTest, AReadyWorkerAndACommandAreNeverLate) {
  const auto kept = launch(Seat::Kind::Kept, kPhpHost);
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  ASSERT_TRUE(kept->isIdle());
  kept->killIfLate(after(3600s));
  const auto command = launch(Seat::Kind::Command, kCppHost);
  command->killIfLate(after(3600s));
  EXPECT_FALSE(told_.killed);
}

TEST_F(SeatTest, AStopTellsItsReason) {
  const std::vector<std::pair<StopReason, std::string>> reasons{{StopReason::Cancelled, "cancel"},
                                                                {StopReason::Shutdown, "shutdown"},
                                                                {StopReason::TimeLimit, "time_limit"}};
  for (const auto& [reason, word] : reasons) {
    const auto seat = launch(Seat::Kind::Kept, kPhpHost);
    told_.events->onLine(R"({"type":"handlers","handlers":[]})");
    seat->start(givenRun());
    told_.sent.clear();
    seat->requestStop(reason, after(0s));
    EXPECT_EQ(told_.sent, R"({"type":"cancel","reason":")" + word + "\"}\n");
  }
}

TEST_F(SeatTest, AKeptWorkerThatClosesItsControlSocketInARunIsKilledAndTheRunSaysWhy) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  seat->start(givenRun());
  told_.events->onControlClosed();
  seat->killIfOverGrace(after(9s));
  EXPECT_FALSE(told_.killed) << "its process may be about to end, and tell more";
  seat->killIfOverGrace(after(11s));
  EXPECT_TRUE(told_.killed);
  const ResourceUse use{.exitSignal = 9};
  told_.events->onExit(use);
  ASSERT_TRUE(end_);
  EXPECT_EQ(end_->errorCode, "protocol");
  EXPECT_NE(end_->errorMessage.find("descriptor 3"), std::string::npos) << end_->errorMessage;
}

TEST_F(SeatTest, AKeptWorkerWithoutItsControlSocketGetsNoRun) {
  const auto seat = launch(Seat::Kind::Kept, kPhpHost);
  told_.events->onLine(R"({"type":"handlers","handlers":[]})");
  ASSERT_TRUE(seat->isIdle());
  told_.events->onControlClosed();
  EXPECT_FALSE(seat->isIdle());
}

TEST_F(SeatTest, ACommandNeedsNoControlSocket) {
  const auto seat = launch(Seat::Kind::Command, kCppHost);
  seat->start(givenRun());
  told_.events->onControlClosed();
  seat->killIfOverGrace(after(3600s));
  EXPECT_FALSE(told_.killed);
}

}  // namespace
}  // namespace taskqueue::runner
