// The final status of a run that was asked to stop.
#include <gtest/gtest.h>

#include "runner/active_run.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

const SteadyTime kRunStart{1h};
const ResourceUse kExitedWell{.exitStatus = 0};
const ResourceUse kTerminated{.exitSignal = 15};

ClaimedRun claimedRun() {
  ClaimedRun claimed;
  claimed.owned = {7, 3, "token"};
  return claimed;
}

class RunAskedToStop : public ActiveRun {
 public:
  explicit RunAskedToStop(StopReason reason)
      : ActiveRun(claimedRun(), {.output = {}, .timeLimit = 10s, .killGrace = 2s}, kRunStart) {
    requestStop(reason, kRunStart + 10s);
  }
};

Outcome outcome(Outcome::Kind kind, std::int64_t seconds = 0, std::string words = "") {
  Outcome to;
  to.kind = kind;
  to.seconds = seconds;
  to.errorCode = "busy";
  to.errorMessage = std::move(words);
  return to;
}

RunEnd endOf(ActiveRun& run, const ResourceUse* processEnd = nullptr) {
  return std::get<RunEnd>(run.finish(processEnd, 0, kRunStart + 11s));
}

RunRelease releaseOf(ActiveRun& run, const ResourceUse* processEnd = nullptr) {
  return std::get<RunRelease>(run.finish(processEnd, 0, kRunStart + 11s));
}

TEST(RunEnds, ACommandThatEndsWellAfterItWasAskedToStopHasStopped) {
  RunAskedToStop cancelled(StopReason::Cancelled);
  const auto end = endOf(cancelled, &kExitedWell);
  EXPECT_EQ(end.status, RunStatus::Cancelled);
  EXPECT_EQ(end.percentsCompleted, 0);
  RunAskedToStop limited(StopReason::TimeLimit);
  EXPECT_EQ(endOf(limited, &kExitedWell).errorCode, "time_limit");
  RunAskedToStop released(StopReason::Shutdown);
  EXPECT_EQ(releaseOf(released, &kExitedWell).delaySeconds, 0);
}

TEST(RunEnds, ACommandThatSaysItsResultAndEndsWellHasFinished) {
  for (const auto reason : {StopReason::Cancelled, StopReason::TimeLimit, StopReason::Shutdown}) {
    RunAskedToStop run(reason);
    run.setOutcome(outcome(Outcome::Kind::Result));
    EXPECT_EQ(endOf(run, &kExitedWell).status, RunStatus::Success);
  }
}

TEST(RunEnds, ACommandThatOurOwnSignalEndsHasStoppedWhateverItSaidBefore) {
  RunAskedToStop released(StopReason::Shutdown);
  released.setOutcome(outcome(Outcome::Kind::Result));
  EXPECT_EQ(releaseOf(released, &kTerminated).delaySeconds, 0);
  RunAskedToStop cancelled(StopReason::Cancelled);
  cancelled.setOutcome(outcome(Outcome::Kind::Result));
  EXPECT_EQ(endOf(cancelled, &kTerminated).status, RunStatus::Cancelled);
}

TEST(RunEnds, ACancelWinsOverWhateverTheHandlerSaysButItsResult) {
  for (const auto kind :
       {Outcome::Kind::Error, Outcome::Kind::GiveUp, Outcome::Kind::RetryAfter, Outcome::Kind::Snooze}) {
    RunAskedToStop run(StopReason::Cancelled);
    run.setOutcome(outcome(kind, 60));
    EXPECT_EQ(endOf(run).status, RunStatus::Cancelled);
  }
}

TEST(RunEnds, WhatTheHandlerSaysWhenItStopsIsKept) {
  RunAskedToStop run(StopReason::Cancelled);
  auto said = outcome(Outcome::Kind::Error, 0, "It has come to row 20.");
  said.results = "{\"rows\":20}";
  run.setOutcome(said);
  const auto end = endOf(run);
  EXPECT_EQ(end.errorMessage,
            "The run was stopped because its task was cancelled. Its handler said: It has come to row 20.");
  EXPECT_EQ(end.results, "{\"rows\":20}");
}

TEST(RunEnds, AWaitThatTheHandlerAsksForIsKeptByAStop) {
  RunAskedToStop snoozed(StopReason::Shutdown);
  snoozed.setOutcome(outcome(Outcome::Kind::Snooze, 3600));
  EXPECT_EQ(releaseOf(snoozed).delaySeconds, 3600);
  RunAskedToStop later(StopReason::Shutdown);
  later.setOutcome(outcome(Outcome::Kind::RetryAfter, 600));
  EXPECT_EQ(releaseOf(later).delaySeconds, 600);
  RunAskedToStop limited(StopReason::TimeLimit);
  limited.setOutcome(outcome(Outcome::Kind::RetryAfter, 600));
  EXPECT_EQ(endOf(limited).retryDelaySeconds, 600);
}

TEST(RunEnds, AHandlerThatGivesUpAtItsTimeLimitIsNotTriedAgain) {
  RunAskedToStop run(StopReason::TimeLimit);
  run.setOutcome(outcome(Outcome::Kind::GiveUp));
  const auto end = endOf(run);
  EXPECT_EQ(end.errorCode, "time_limit");
  EXPECT_TRUE(end.giveUp);
}

TEST(RunEnds, ACancelThatComesWhileTheRunStopsForSomethingElseHolds) {
  for (const auto reason : {StopReason::Shutdown, StopReason::TimeLimit}) {
    RunAskedToStop run(reason);
    EXPECT_FALSE(run.requestStop(StopReason::Cancelled, kRunStart + 11s)) << "it is told once";
    EXPECT_EQ(endOf(run).status, RunStatus::Cancelled);
  }
  RunAskedToStop run(StopReason::Cancelled);
  run.requestStop(StopReason::Shutdown, kRunStart + 11s);
  EXPECT_EQ(endOf(run).status, RunStatus::Cancelled);
}

TEST(RunEnds, ABrokenProtocolIsNoSnooze) {
  ClaimedRun claimed;
  ActiveRun run(claimed, {}, kRunStart);
  run.setOutcome(outcome(Outcome::Kind::Snooze, 60));
  run.setBroken("Seconds is missing");
  EXPECT_EQ(endOf(run, &kExitedWell).errorCode, "protocol");
}

TEST(RunEnds, AnUnstartedRunTellsItsProblemWhole) {
  ClaimedRun claimed;
  ActiveRun run(claimed, {}, kRunStart);
  EXPECT_EQ(run.finishUnstarted(std::string("a\0b", 3), 0).errorMessage,
            "a\xEF\xBF\xBD"
            "b");
}

}  // namespace
}  // namespace taskqueue::runner
