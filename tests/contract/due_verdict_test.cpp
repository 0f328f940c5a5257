// Rows that must not run: retired, postponed, parked, and invalid ones that only careless SQL writes.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DueVerdicts : public Contract {};
INSTANTIATE_TEST_SUITE_P(Stores, DueVerdicts, bothStores(), nameOf);

TEST_P(DueVerdicts, ARowWithoutScheduledOnIsDueAtOnce) {
  const int id = world().insertRow({.scheduledOn = std::nullopt});
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(DueVerdicts, ARowWithAnUnknownStatusWordCountsAsNotTried) {
  const int id = world().insertRow({.lastStatus = "gibberish"});
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(DueVerdicts, ARowThatSaysRunningWithoutARunRuns) {
  const int id = world().insertRow({.lastStatus = "running"});
  EXPECT_THAT(claimedTasks(), ElementsAre(id));
}

TEST_P(DueVerdicts, ARowWithoutTriesIsRetired) {
  leavesHostileRows();
  const int none = world().insertRow({.maxRetries = 0});
  const int negative = world().insertRow({.maxRetries = -1});
  const int used = world().insertRow({.maxRetries = 3, .taskRunsFailed = 3});
  const int over = world().insertRow({.maxRetries = 3, .taskRunsFailed = 9});
  EXPECT_THAT(claimedTasks(), IsEmpty());
  for (const int id : {none, negative, used, over}) {
    EXPECT_EQ(task(id).nextRunOn, std::nullopt);
    EXPECT_EQ(task(id).parkedReason, "");
    EXPECT_THAT(store().tasks.runsOfTask(id), IsEmpty());
  }
}

TEST_P(DueVerdicts, ARowThatHasEndedIsRetired) {
  leavesHostileRows();
  const int succeeded = world().insertRow({.lastStatus = "success"});
  const int cancelled = world().insertRow({.lastStatus = "cancelled"});
  EXPECT_THAT(claimedTasks(), IsEmpty());
  EXPECT_EQ(task(succeeded).nextRunOn, std::nullopt);
  EXPECT_EQ(task(succeeded).lastStatus, RunStatus::Success);
  EXPECT_EQ(task(cancelled).nextRunOn, std::nullopt);
}

TEST_P(DueVerdicts, RetiredRowsDoNotStopTheOthers) {
  leavesHostileRows();
  for (int i = 0; i < 3; ++i) world().insertRow({.lastStatus = "success"});
  const int id = add();
  EXPECT_THAT(claimedTasks(2), ElementsAre(id));
}

TEST_P(DueVerdicts, ARetiredTaskGivesItsUniqueKeyBack) {
  const int first = add(keyed("k"));
  finish(claimOne(), RunStatus::Error);
  world().setMaxRetries(first, 1);
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_NE(add(keyed("k")), first);
}

TEST_P(DueVerdicts, RetiringATaskEndsTheRunThatTheOverseerMade) {
  leavesHostileRows();
  const int id = add(keyed("k"));
  const int scheduled = store().maintenance.createRunIfAllowed(id).value();
  world().setMaxRetries(id, 0);
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(run(scheduled).status, RunStatus::Cancelled);
  EXPECT_EQ(run(scheduled).finishedOn, store().clock.now());
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
}

TEST_P(DueVerdicts, RetiringATaskLeavesItsRunningRunAlone) {
  const int id = add(keyed("k"));
  const ClaimedRun running = claimOne();
  world().setMaxRetries(id, 0);
  world().putBackNextRunOn(id, store().clock.now());
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(run(running.owned.runId).status, RunStatus::Running);
  EXPECT_EQ(add(keyed("k")), id);
  EXPECT_THAT(finish(running, RunStatus::Success).lostRuns, IsEmpty());
}

TEST_P(DueVerdicts, ATaskWhoseClassNobodyKnowsIsParkedWithTheReason) {
  const int id = add({.taskHandlerClass = "Unheard"});
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_THAT(task(id).parkedReason, HasSubstr("Unheard"));
}

TEST_P(DueVerdicts, AVeryLongClassNameIsParkedToo) {
  std::string name;
  for (int i = 0; i < 255; ++i) name += "\xC3\xA9";
  const int id = add({.taskHandlerClass = name});
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_FALSE(task(id).parkedReason.empty());
}

TEST_P(DueVerdicts, ClassNamesAreToldApartByteForByte) {
  const int small = add({.taskHandlerClass = "echo"});
  const int blank = add({.taskHandlerClass = "Echo "});
  EXPECT_THAT(claim(), IsEmpty());
  addRunner({"Echo"});
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_FALSE(task(small).parkedReason.empty());
  EXPECT_FALSE(task(blank).parkedReason.empty());
}

TEST_P(DueVerdicts, AParkedTaskKeepsItsUniqueKey) {
  NewTask unheard = keyed("k");
  unheard.taskHandlerClass = "Unheard";
  const int id = add(unheard);
  claim();
  EXPECT_EQ(add(unheard), id);
}

TEST_P(DueVerdicts, AParkedTaskWaitsAgainWhenARunnerAnnouncesItsClass) {
  const int id = add({.taskHandlerClass = "Late"});
  claim();
  const int late = addRunner({"Late"});
  EXPECT_EQ(task(id).nextRunOn, task(id).scheduledOn);
  EXPECT_EQ(task(id).parkedReason, "");
  const auto claimed = store().runners.sync(syncOf(late, 1, {"Late"})).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  EXPECT_EQ(claimed[0].owned.taskQueueId, id);
}

TEST_P(DueVerdicts, ATaskThatRanIsParkedNoMore) {
  const int id = add({.taskHandlerClass = "Late"});
  claim();
  const int late = addRunner({"Late"});
  world().putBackNextRunOn(id, store().clock.now());
  const auto claimed = store().runners.sync(syncOf(late, 1, {"Late"})).claimed;
  ASSERT_EQ(claimed.size(), 1U);
  finish(claimed[0], RunStatus::Success);
  EXPECT_EQ(task(id).parkedReason, "");
  addRunner({"Late"});
  EXPECT_EQ(task(id).nextRunOn, std::nullopt);
}

TEST_P(DueVerdicts, ATaskClaimedByAnEditedRowLosesItsParkedReason) {
  const int id = add({.taskHandlerClass = "Late"});
  claim();
  world().putBackNextRunOn(id, store().clock.now());
  SyncRequest request = syncOf(runner(), 1, {"Late"});
  ASSERT_EQ(store().runners.sync(request).claimed.size(), 1U);
  EXPECT_EQ(task(id).parkedReason, "");
}

TEST_P(DueVerdicts, ATaskThatAnotherRunnerKnowsIsLeftToIt) {
  const int id = add({.taskHandlerClass = "Theirs"});
  const int other = addRunner({"Theirs"});
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_EQ(task(id).nextRunOn, store().clock.now() + 1);
  EXPECT_EQ(task(id).parkedReason, "");
  world().advance(1s);
  EXPECT_EQ(store().runners.sync(syncOf(other, 1, {"Theirs"})).claimed.size(), 1U);
}

TEST_P(DueVerdicts, ATaskThatOnlyEndedRunnersKnewIsParked) {
  const int id = add({.taskHandlerClass = "Theirs"});
  store().runners.endRunner(addRunner({"Theirs"}));
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_FALSE(task(id).parkedReason.empty());
}

}  // namespace
}  // namespace taskqueue::contract
