#include "module/queue/due_task.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/property.h"

namespace taskqueue {
namespace {

constexpr UnixSeconds kNow = 1'700'000'000;

Task dueTask() {
  Task task;
  task.taskHandlerClass = "Echo";
  task.scheduledOn = kNow - 5;
  task.nextRunOn = kNow - 5;
  return task;
}

DueVerdict verdictOn(const Task& task) {
  return judgeDueTask(task, kNow, HandlerReach::Here).verdict;
}

TEST(DueTask, IsClaimed) {
  EXPECT_EQ(verdictOn(dueTask()), DueVerdict::Claim);
}

TEST(DueTask, IsClaimedAfterAFailureWhileTriesAreLeft) {
  Task task = dueTask();
  task.maxRetries = 3;
  task.taskRunsFailed = 2;
  for (const RunStatus status : {RunStatus::Error, RunStatus::Timeout}) {
    task.lastStatus = status;
    EXPECT_EQ(verdictOn(task), DueVerdict::Claim);
  }
}

TEST(DueTask, IsRetiredWithoutTriesLeft) {
  Task task = dueTask();
  task.maxRetries = 3;
  task.taskRunsFailed = 3;
  EXPECT_EQ(verdictOn(task), DueVerdict::Retire);
  task.maxRetries = 0;
  task.taskRunsFailed = 0;
  EXPECT_EQ(verdictOn(task), DueVerdict::Retire);
}

TEST(DueTask, IsRetiredWhenItHasEnded) {
  Task task = dueTask();
  for (const RunStatus status : {RunStatus::Success, RunStatus::Cancelled}) {
    task.lastStatus = status;
    const DueJudgement judgement = judgeDueTask(task, kNow, HandlerReach::Nowhere);
    EXPECT_EQ(judgement.verdict, DueVerdict::Retire);
    EXPECT_EQ(judgement.nextRunOn, std::nullopt);
    EXPECT_EQ(judgement.reason, "");
  }
}

TEST(DueTask, ThatNobodyHasLookedAtWaitsForItsTime) {
  Task task = dueTask();
  task.nextRunOn = kUnscheduled;
  task.scheduledOn = kNow + 60;
  const DueJudgement judgement = judgeDueTask(task, kNow, HandlerReach::Nowhere);
  EXPECT_EQ(judgement.verdict, DueVerdict::Postpone);
  EXPECT_EQ(judgement.nextRunOn, kNow + 60);
}

TEST(DueTask, ThatNobodyHasLookedAtIsClaimedWhenItsTimeHasCome) {
  Task task = dueTask();
  task.nextRunOn = kUnscheduled;
  for (const std::optional<UnixSeconds> scheduledOn :
       {std::optional<UnixSeconds>(kNow), std::optional<UnixSeconds>()}) {
    task.scheduledOn = scheduledOn;
    EXPECT_EQ(verdictOn(task), DueVerdict::Claim);
  }
}

TEST(DueTask, IsDueSinceTheFirstDateThatItsRowHas) {
  Task task = dueTask();
  task.queuedOn = kNow - 7200;
  EXPECT_EQ(dueOn(task, kNow), kNow - 5);
  task.nextRunOn = kUnscheduled;
  task.scheduledOn = kNow - 3600;
  EXPECT_EQ(dueOn(task, kNow), kNow - 3600);
  task.scheduledOn = kNow + 3600;
  EXPECT_EQ(dueOn(task, kNow), kNow + 3600);
  for (const std::optional<UnixSeconds> none :
       {std::optional<UnixSeconds>(), std::optional<UnixSeconds>(0)}) {
    task.scheduledOn = none;
    task.queuedOn = kNow - 7200;
    EXPECT_EQ(dueOn(task, kNow), kNow - 7200);
    task.queuedOn = kNow + 7200;  // written by a clock that is ahead
    EXPECT_EQ(dueOn(task, kNow), kNow);
    task.queuedOn = none;
    EXPECT_EQ(dueOn(task, kNow), kNow);
  }
  task.nextRunOn.reset();
  EXPECT_EQ(dueOn(task, kNow), std::nullopt);
}

TEST(DueTask, IsNotDueWhenALookWouldRetireIt) {
  Task task = dueTask();
  task.lastStatus = RunStatus::Success;
  EXPECT_EQ(dueOn(task, kNow), std::nullopt);
  task = dueTask();
  task.superseded = true;
  EXPECT_EQ(dueOn(task, kNow), std::nullopt);
  task = dueTask();
  task.taskRunsFailed = task.maxRetries;
  EXPECT_EQ(dueOn(task, kNow), std::nullopt);
}

TEST(DueTask, IsNotHeldBackByItsFirstTimeOnceItHasBeenLookedAt) {
  Task task = dueTask();
  task.scheduledOn = kNow + 60;  // a manual retry does not wait for it
  EXPECT_EQ(verdictOn(task), DueVerdict::Claim);
}

TEST(DueTask, IsLeftToTheRunnersThatKnowItsClass) {
  const DueJudgement judgement = judgeDueTask(dueTask(), kNow, HandlerReach::Elsewhere);
  EXPECT_EQ(judgement.verdict, DueVerdict::Postpone);
  EXPECT_EQ(judgement.nextRunOn, kNow + 1);
}

TEST(DueTask, IsParkedWithAReasonWhenNobodyKnowsItsClass) {
  const DueJudgement judgement = judgeDueTask(dueTask(), kNow, HandlerReach::Nowhere);
  EXPECT_EQ(judgement.verdict, DueVerdict::Park);
  EXPECT_EQ(judgement.nextRunOn, std::nullopt);
  EXPECT_NE(judgement.reason.find("Echo"), std::string::npos);
}

TEST(DueTask, NeverStaysAtTheHeadOfTheIndexUnlessItIsClaimed) {
  test_support::checkProperty("a verdict moves the task", [](int status, int failed, int max, bool fresh,
                                                             int ahead, int reach) {
    Task task = dueTask();
    task.lastStatus = static_cast<RunStatus>(std::abs(status % 6));
    task.taskRunsFailed = failed;
    task.maxRetries = max;
    task.nextRunOn = fresh ? kUnscheduled : kNow;
    task.scheduledOn = kNow + ahead % 1000;
    const DueJudgement judgement = judgeDueTask(task, kNow, static_cast<HandlerReach>(std::abs(reach % 3)));
    if (judgement.verdict == DueVerdict::Claim) {
      RC_ASSERT(failed < max);
    } else {
      RC_ASSERT((!judgement.nextRunOn || *judgement.nextRunOn > kNow));
    }
    RC_ASSERT((judgement.verdict == DueVerdict::Park) == !judgement.reason.empty());
  });
}

}  // namespace
}  // namespace taskqueue
