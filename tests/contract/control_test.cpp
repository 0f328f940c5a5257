// Cancelling and retrying.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Control : public Contract {};
INSTANTIATE_TEST_SUITE_P(Stores, Control, bothStores(), nameOf);

TEST_P(Control, AWaitingTaskIsCancelledAtOnce) {
  const int id = add();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Cancelled);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_THAT(store().tasks.runsOfTask(id), IsEmpty());
}

TEST_P(Control, AScheduledRunIsCancelledWithItsTask) {
  const int id = add();
  const int runId = store().maintenance.createRunIfAllowed(id).value();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Cancelled);
  EXPECT_EQ(run(runId).status, RunStatus::Cancelled);
  EXPECT_EQ(run(runId).finishedOn, store().clock.now());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Control, ATaskThatWaitsForItsNextTryIsCancelledAtOnce) {
  const int id = addFailed(60);
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Cancelled);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
}

TEST_P(Control, AParkedTaskIsCancelledAtOnce) {
  const int id = add({.taskHandlerClass = "Unheard"});
  claim();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Cancelled);
  EXPECT_EQ(task(id).parkedReason, "");
  addRunner({"Unheard"});
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
}

TEST_P(Control, OfARunningTaskTheRunnerIsAsked) {
  const int id = add();
  const ClaimedRun claimed = claimOne();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Requested);
  EXPECT_EQ(run(claimed.owned.runId).status, RunStatus::Running);
  EXPECT_EQ(run(claimed.owned.runId).cancelRequestedOn, store().clock.now());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Running);
  EXPECT_THAT(store().runners.heartbeat(runner(), {.memoryKb = 0}).cancelRequested,
              ElementsAre(claimed.owned.runId));
}

TEST_P(Control, TheFirstCancelRequestKeepsItsTime) {
  const int id = add();
  const ClaimedRun claimed = claimOne();
  store().tasks.cancelTask(id);
  const UnixSeconds first = store().clock.now();
  world().advance(5s);
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Requested);
  EXPECT_EQ(run(claimed.owned.runId).cancelRequestedOn, first);
}

TEST_P(Control, AFailureOfARunThatSomebodyWantedCancelledIsFinal) {
  const int id = add(keyed("k"));
  const ClaimedRun claimed = claimOne();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Requested);
  RunEnd end = endOf(claimed, RunStatus::Error);
  end.errorCode = "broke";
  finish(end);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_EQ(run(claimed.owned.runId).status, RunStatus::Cancelled);
  EXPECT_EQ(run(claimed.owned.runId).errorCode, "broke");
  EXPECT_NE(add(keyed("k")), id) << "its key is free again";
}

TEST_P(Control, ASuccessThatWasReachedBeforeTheWishWasHeardStaysOne) {
  const int id = add();
  const ClaimedRun claimed = claimOne();
  store().tasks.cancelTask(id);
  finish(claimed, RunStatus::Success);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
}

TEST_P(Control, ARunReleasedThatSomebodyWantedCancelledEnds) {
  const int id = add();
  const ClaimedRun claimed = claimOne();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Requested);
  EXPECT_THAT(release(claimed, 1000).lostRuns, IsEmpty());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Control, WhatHasEndedCannotBeCancelled) {
  const int succeeded = add();
  finish(claimOne(), RunStatus::Success);
  const int failed = add({.taskHandlerClass = "Echo", .maxRetries = 1});
  finish(claimOne(), RunStatus::Error);
  const int cancelled = add();
  store().tasks.cancelTask(cancelled);
  for (const int id : {succeeded, failed, cancelled}) {
    const RunStatus before = task(id).lastStatus;
    EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::AlreadyEnded);
    EXPECT_EQ(task(id).lastStatus, before);
  }
  EXPECT_EQ(store().tasks.cancelTask(4711), CancelOutcome::NoSuchTask);
}

TEST_P(Control, AFinalStatusIsNotOverwrittenByCancellingARowThatTheEditorPutBack) {
  leavesHostileRows();
  const int id = add();
  finish(claimOne(), RunStatus::Success);
  world().putBackNextRunOn(id, store().clock.now());
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::AlreadyEnded);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
}

TEST_P(Control, RetryingAnEndedTaskStartsItAnew) {
  const int id = add({.taskHandlerClass = "Echo", .maxRetries = 1});
  finish(claimOne(), RunStatus::Error);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(task(id).taskRunsFailed, 0);
  EXPECT_EQ(task(id).nextRunOn, store().clock.now());
  EXPECT_THAT(statusesOfRuns(id), ElementsAre(RunStatus::Error, RunStatus::Scheduled));
  EXPECT_EQ(claimOne().attempt, 2);
}

TEST_P(Control, ARetryOfOneStatusDoesNotTouchATaskThatHasGotAnother) {
  const int id = add({.taskHandlerClass = "Echo", .maxRetries = 1});
  finish(claimOne(), RunStatus::Error);
  EXPECT_EQ(store().tasks.retryTask(id, RunStatus::Error), RetryOutcome::Scheduled);
  finish(claimOne(), RunStatus::Success);
  EXPECT_EQ(store().tasks.retryTask(id, RunStatus::Error), RetryOutcome::StatusChanged);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_THAT(claim(), IsEmpty());
}

TEST_P(Control, FailuresAfterARetryCountFromNought) {
  const int id = add({.taskHandlerClass = "Echo", .maxRetries = 2});
  finish(claimOne(), RunStatus::Error);
  finish(claimOne(), RunStatus::Error);
  store().tasks.retryTask(id);
  finish(claimOne(), RunStatus::Error);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
  EXPECT_TRUE(task(id).nextRunOn);
  EXPECT_TRUE(store().maintenance.recountTask(id));
  EXPECT_EQ(task(id).taskRunsFailed, 1);
}

TEST_P(Control, AFailureOfARunThatWasScheduledBeforeTheRetryCounts) {
  const int id = add();
  store().maintenance.createRunIfAllowed(id);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U);
  finish(claimOne(), RunStatus::Error);
  store().maintenance.recountTask(id);
  EXPECT_EQ(task(id).taskRunsFailed, 1);
}

TEST_P(Control, RetryingASucceededOrCancelledTaskRunsItAgain) {
  for (const RunStatus status : {RunStatus::Success, RunStatus::Cancelled}) {
    const int id = add();
    finish(claimOne(), status);
    EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
    finish(claimOne(), RunStatus::Success);
    EXPECT_THAT(statusesOfRuns(id), ElementsAre(status, RunStatus::Success));
  }
}

TEST_P(Control, ARetryOfACancelledTaskKeepsTheTimeThatIsStillToCome) {
  const UnixSeconds due = store().clock.now() + 7200;
  const int id = add({.taskHandlerClass = "Echo", .scheduledOn = due});
  store().tasks.cancelTask(id);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(task(id).nextRunOn, due);
  EXPECT_THAT(store().tasks.runsOfTask(id), IsEmpty()) << "no run is made before the task is due";
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled) << "run now: it waits, and was not cancelled";
  EXPECT_LE(task(id).nextRunOn, store().clock.now());
}

TEST_P(Control, AWaitingTaskIsChanged) {
  const int id = add({.taskHandlerClass = "Echo", .title = "Sums"});
  const UnixSeconds later = store().clock.now() + 3600;
  TaskChange change{.title = "Totals", .taskData = R"({"a":1})", .queue = "other", .priority = 1,
                    .maxRetries = 9, .scheduledOn = later};
  const std::string version = versionOf(store().tasks.findTask(id).value());
  EXPECT_EQ(store().tasks.changeTask(id, change, version), ChangeOutcome::Changed);
  const Task now = task(id);
  EXPECT_EQ(now.title, "Totals");
  EXPECT_EQ(store().tasks.findTask(id)->taskData, R"({"a":1})");
  EXPECT_EQ(now.queue, "other");
  EXPECT_EQ(now.priority, 1);
  EXPECT_EQ(now.maxRetries, 9);
  EXPECT_EQ(now.scheduledOn, later);
  EXPECT_EQ(now.nextRunOn, later);
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(store().tasks.changeTask(id, {.priority = 2}, version), ChangeOutcome::VersionDiffers);
  EXPECT_EQ(task(id).priority, 1);
}

TEST_P(Control, AParkedTaskThatIsChangedWaitsAgain) {
  const int id = add({.taskHandlerClass = "Unheard"});
  claim();
  ASSERT_NE(task(id).parkedReason, "");
  EXPECT_EQ(store().tasks.changeTask(id, {.priority = 1}, std::nullopt), ChangeOutcome::Changed);
  EXPECT_EQ(task(id).parkedReason, "");
  EXPECT_TRUE(task(id).nextRunOn);
}

TEST_P(Control, WhatRunsOrHasEndedIsNotChanged) {
  const int id = add();
  const ClaimedRun claimed = claimOne();
  EXPECT_EQ(store().tasks.changeTask(id, {.priority = 1}, std::nullopt), ChangeOutcome::Running);
  finish(claimed, RunStatus::Success);
  EXPECT_EQ(store().tasks.changeTask(id, {.priority = 1}, std::nullopt), ChangeOutcome::Ended);
  EXPECT_EQ(store().tasks.changeTask(4711, {.priority = 1}, std::nullopt), ChangeOutcome::NoSuchTask);
  const int failed = addFailed(60);
  EXPECT_EQ(store().tasks.changeTask(failed, {.maxRetries = 1}, std::nullopt), ChangeOutcome::TooFewTries);
  EXPECT_EQ(store().tasks.changeTask(failed, {.maxRetries = 2}, std::nullopt), ChangeOutcome::Changed);
}

TEST_P(Control, RetryingATaskCancelledBeforeItsFirstRun) {
  const int id = add();
  store().tasks.cancelTask(id);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_EQ(claimOne().owned.taskQueueId, id);
}

TEST_P(Control, RetryingAWaitingTaskStartsItAtOnce) {
  const int id = addFailed(600);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_EQ(claimOne().owned.taskQueueId, id);
}

TEST_P(Control, RetryingATaskScheduledForLaterStartsItAtOnce) {
  const int id = add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 600});
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_EQ(claimOne().owned.taskQueueId, id);
}

TEST_P(Control, ARunningTaskIsNotRetried) {
  const int id = add();
  claimOne();
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::StillRunning);
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 1U);
  EXPECT_EQ(store().tasks.retryTask(4711), RetryOutcome::NoSuchTask);
  EXPECT_EQ(store().tasks.retryTask(4711, RunStatus::Error), RetryOutcome::NoSuchTask);
}

TEST_P(Control, ATaskWhoseKeyAnotherHoldsIsNotRetried) {
  const int first = add(keyed("k"));
  finish(claimOne(), RunStatus::Success);
  add(keyed("k"));
  EXPECT_EQ(store().tasks.retryTask(first), RetryOutcome::KeyTaken);
  EXPECT_EQ(task(first).lastStatus, RunStatus::Success);
  EXPECT_EQ(task(first).nextRunOn, std::nullopt);
  EXPECT_EQ(store().tasks.runsOfTask(first).size(), 1U);
}

TEST_P(Control, ARetriedTaskHoldsItsKeyAgain) {
  const int first = add(keyed("k"));
  finish(claimOne(), RunStatus::Success);
  store().tasks.retryTask(first);
  EXPECT_EQ(add(keyed("k")), first);
}

TEST_P(Control, ARetryTakesBackTheWishToCancel) {
  const int id = add();
  const ClaimedRun first = claimOne();
  store().tasks.cancelTask(id);
  release(first);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  claimOne();
  EXPECT_THAT(store().runners.heartbeat(runner(), {.memoryKb = 0}).cancelRequested, IsEmpty());
}

}  // namespace
}  // namespace taskqueue::contract
