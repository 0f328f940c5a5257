// TaskQueue's rules for runners: when one is dead, what becomes of its runs, and how many are started.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/task_queue_under_test.h"

namespace taskqueue {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(TaskQueueRules, ARunnerWhoseProcessLivesIsLeftAloneHoweverOldItsHeartbeat) {
  store_.tables.advance(24h);
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
}

TEST_F(TaskQueueRules, ARunnerWhoseProcessIsGoneIsTimedOutAtOnce) {
  const int gone = announce(processThatIsGone());
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), ElementsAre(gone));
  EXPECT_EQ(store_.tables.runners.at(gone).runner.status, RunnerStatus::Timeout);
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
}

TEST_F(TaskQueueRules, ARunnerRemoteIsTimedOutAfterItsLease) {
  const int elsewhere = announce(processElsewhere());
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  now_ += kLease;
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  store_.runners.heartbeat(elsewhere, {.memoryKb = 0});
  now_ += kLease;
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  now_ += kLease;
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  now_ += 1s;
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), ElementsAre(elsewhere));
}

TEST_F(TaskQueueRules, AClockThatIsSetTimesOutNobody) {
  const int elsewhere = announce(processElsewhere());
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  store_.tables.advance(24h);  // the database's clock
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  now_ += kLease / 3;  // the longest interval that a configuration may set
  store_.runners.heartbeat(elsewhere, {.memoryKb = 0});
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  now_ += kLease;
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
}

TEST_F(TaskQueueRules, ARunnerThatWasDeadBeforeAnybodyWatchedIsTimedOutSooner) {
  const int longGone = announce(processElsewhere());
  store_.tables.advance(10 * kLease + 1s);
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  now_ += leaseWatch_.timeToNextVerdict();
  EXPECT_LT(leaseWatch_.timeToNextVerdict(), kLease);
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), ElementsAre(longGone));
  EXPECT_EQ(leaseWatch_.timeToNextVerdict(), 0s);
}

TEST_F(TaskQueueRules, AllWhoWatchInAProcessWatchTogether) {
  const int elsewhere = announce(processElsewhere());
  TaskQueue other(store_.roles(), dependencies(), RescuePolicy{}, leaseWatch_, limits_);
  EXPECT_THAT(other.refreshTaskRunnersStatus(), IsEmpty());
  now_ += kLease + 1s;
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), ElementsAre(elsewhere));
}

TEST_F(TaskQueueRules, ASlowAnswerOfTheDatabaseIsNoSilence) {
  announce(processElsewhere());
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  now_ += 1s;
  secondsOfReading_ = kLease + 1s;
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
}

TEST_F(TaskQueueRules, WhatADeadRunnerHadWrittenIntoItsJournalIsWrittenBeforeItsRunsAreEnded) {
  const int gone = announce(processThatIsGone());
  const int first = queue_.addTask({.taskHandlerClass = "Echo"}).outcome.tasks[0].id;
  const int second = queue_.addTask({.taskHandlerClass = "Echo"}).outcome.tasks[0].id;
  SyncRequest request{.taskRunnerId = gone, .claimLimit = 2, .queues = {"default"}, .handlers = {"Echo"}};
  const auto claimed = store_.runners.sync(request).claimed;
  ASSERT_EQ(claimed.size(), 2U);
  journal_.push_back({.owned = claimed[0].owned, .results = "7"});
  journal_.push_back({.owned = {claimed[1].owned.runId, second, "another token"}});
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), ElementsAre(gone));
  EXPECT_EQ(store_.tasks.findTask(first)->lastStatus, RunStatus::Success);
  EXPECT_EQ(store_.tasks.findTask(second)->lastStatus, RunStatus::Timeout);
  EXPECT_THAT(journal_, IsEmpty());
}

TEST_F(TaskQueueRules, WhatADeadRunnerHadNotBegunIsReleasedAndLosesNoTry) {
  const int dead = announce(processThatIsGone());
  const NewTask once{.taskHandlerClass = "Echo", .maxRetries = 1};
  const int begun = queue_.addTask(once).outcome.tasks.at(0).id;
  const int waiting = queue_.addTask(once).outcome.tasks.at(0).id;
  const auto claimed =
      store_.runners
          .sync({.taskRunnerId = dead, .claimLimit = 2, .queues = {"default"}, .handlers = {"Echo"}})
          .claimed;
  ASSERT_EQ(claimed.size(), 2U);
  started_ = {claimed[0].owned.runToken};
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), ElementsAre(dead));
  EXPECT_EQ(store_.tasks.findTask(begun)->lastStatus, RunStatus::Timeout);
  EXPECT_EQ(store_.tasks.findTask(waiting)->lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(store_.tasks.findTask(waiting)->taskRunsFailed, 0);
}

TEST_F(TaskQueueRules, WhereNobodyKnowsWhatHadBegunAllRunsOfADeadRunnerHad) {
  const int dead = announce(processThatIsGone());
  const int id = queue_.addTask({.taskHandlerClass = "Echo", .maxRetries = 1}).outcome.tasks.at(0).id;
  store_.runners.sync({.taskRunnerId = dead, .claimLimit = 1, .queues = {"default"}, .handlers = {"Echo"}});
  queue_.refreshTaskRunnersStatus();
  EXPECT_EQ(store_.tasks.findTask(id)->lastStatus, RunStatus::Timeout);
}

TEST_F(TaskQueueRules, ProcessQueueRescuesFirstAndThenCreatesTheMissingRuns) {
  const int gone = announce(processThatIsGone());
  queue_.addTask({.taskHandlerClass = "Echo"});
  SyncRequest request{.taskRunnerId = gone, .claimLimit = 1, .queues = {"default"}, .handlers = {"Echo"}};
  ASSERT_EQ(store_.runners.sync(request).claimed.size(), 1U);
  queue_.addTask({.taskHandlerClass = "Echo"});

  const ProcessQueueResult first = queue_.processQueue();
  EXPECT_THAT(first.timedOutRunners, ElementsAre(gone));
  EXPECT_EQ(first.createdTaskRuns, 1);
  store_.tables.advance(10s);
  EXPECT_EQ(queue_.processQueue().createdTaskRuns, 1) << "the rescued task is tried again after its delay";
  EXPECT_EQ(queue_.processQueue().createdTaskRuns, 0);
}

TEST_F(TaskQueueRules, OnePassCreatesNoMoreRunsThanItsBatch) {
  limits_.overseerBatch = 3;
  TaskQueue queue(store_.roles(), dependencies(), RescuePolicy{}, leaseWatch_, limits_);
  for (int i = 0; i < 5; ++i) queue.addTask({.taskHandlerClass = "Echo"});
  EXPECT_EQ(queue.createMissingTaskRuns(), 3);
  EXPECT_EQ(queue.createMissingTaskRuns(), 2);
}

TEST_F(TaskQueueRules, TheMissingRunnersAreCountedAgainstTheLimit) {
  store_.tables.runnerLimit = 3;
  EXPECT_EQ(queue_.getTaskRunnerCount(), 1);
  EXPECT_EQ(queue_.getMissingTaskRunnerCount(), 2);
  store_.tables.runnerLimit = 1;
  EXPECT_EQ(queue_.getMissingTaskRunnerCount(), 0);
  store_.tables.runnerLimit = 0;
  EXPECT_EQ(queue_.getMissingTaskRunnerCount(), 0);
}

TEST_F(TaskQueueRules, ExactlyTheMissingRunnersAreStarted) {
  store_.tables.runnerLimit = 4;
  EXPECT_EQ(queue_.createMissingTaskRunners(), 3);
  EXPECT_THAT(startsAsked_, ElementsAre(3));
  store_.tables.runnerLimit = 1;
  EXPECT_EQ(queue_.createMissingTaskRunners(), 0);
  EXPECT_THAT(startsAsked_, ElementsAre(3, 0));
}

TEST_F(TaskQueueRules, AStandaloneRunAnswersWithWhatItDid) {
  EXPECT_EQ(queue_.runStandalone(), "{\"ran\":1}");
}

TEST_F(TaskQueueRules, AStandaloneRunnerIsStartedOnlyWhereOneIsMissing) {
  store_.tables.runnerLimit = 2;
  auto result = queue_.runMissingStandalone();
  EXPECT_TRUE(result.isMissing);
  EXPECT_EQ(result.done, "{\"ran\":1}");
  for (const RunnerLimit& limit : {RunnerLimit{.limit = 1}, RunnerLimit{.limit = 0},
                                   RunnerLimit{.isMissing = true}, RunnerLimit{.unreadable = "x"}}) {
    store_.tables.oddRunnerLimit = limit;
    result = queue_.runMissingStandalone();
    EXPECT_FALSE(result.isMissing);
    EXPECT_FALSE(result.isBusy);
    EXPECT_EQ(result.done, "");
    EXPECT_EQ(result.runners, 1);
    EXPECT_EQ(result.limit, limit);
  }
}

TEST_F(TaskQueueRules, TaskRunnerLimitIsSetWithinItsBoundsAndNotOverAnotherChange) {
  EXPECT_TRUE(queue_.setTaskRunnerLimit(-1).error);
  EXPECT_TRUE(queue_.setTaskRunnerLimit(kMaxTaskRunners + 1).error);
  EXPECT_EQ(store_.tables.runnerLimit, 2);
  EXPECT_TRUE(queue_.setTaskRunnerLimit(0, 2).isChanged);
  const auto late = queue_.setTaskRunnerLimit(3, 2);
  EXPECT_FALSE(late.isChanged);
  EXPECT_EQ(late.limit.limit, 0);
}

TEST_F(TaskQueueRules, ANewRunnerRowCarriesThisProcess) {
  NewRunner runner;
  TaskQueue::onBeforeTaskRunnerCreate(runner);
  EXPECT_EQ(checkLiveness(runner.identity), Liveness::Alive);
}

TEST_F(TaskQueueRules, SeesWithoutAskingThatARunnerItSawAliveIsGone) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  ProcessIdentity identity = currentProcessIdentity();
  identity.processId = child;
  identity.processStartTicks = readStartTicks(child);
  announce(identity);
  EXPECT_THAT(queue_.refreshTaskRunnersStatus(), IsEmpty());
  EXPECT_FALSE(queue_.seesDeadRunner());
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(queue_.seesDeadRunner());
  EXPECT_EQ(queue_.refreshTaskRunnersStatus().size(), 1U);
  EXPECT_FALSE(queue_.seesDeadRunner());
}

}  // namespace
}  // namespace taskqueue
