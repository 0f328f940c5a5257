// A released run: shutdown is no failure, and a snooze costs no try.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Releasing : public Contract {};
INSTANTIATE_TEST_SUITE_P(Stores, Releasing, bothStores(), nameOf);

TEST_P(Releasing, AReleasedRunIsScheduledAgainAndNothingIsLost) {
  const int id = add();
  const ClaimedRun claimed = claimOne();
  report(claimed, 30, "half-way");
  write(chunkOf(claimed, 0, "text"));
  EXPECT_THAT(release(claimed).lostRuns, IsEmpty());
  const Run given = run(claimed.owned.runId);
  EXPECT_EQ(given.status, RunStatus::Scheduled);
  EXPECT_EQ(given.startedOn, std::nullopt);
  EXPECT_EQ(given.taskRunnerId, std::nullopt);
  EXPECT_EQ(given.percentsCompleted, 0);
  EXPECT_EQ(given.progressNote, "");
  EXPECT_EQ(output(given.id), "");
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(task(id).taskRunsFailed, 0);
  EXPECT_EQ(task(id).nextRunOn, store().clock.now());
}

TEST_P(Releasing, TheNextClaimContinuesTheSameAttempt) {
  const int id = addFailed();
  const ClaimedRun first = claimOne();
  release(first);
  const ClaimedRun second = claimOne();
  EXPECT_EQ(second.owned.runId, first.owned.runId);
  EXPECT_EQ(second.attempt, 2);
  EXPECT_NE(second.owned.runToken, first.owned.runToken);
  finish(second, RunStatus::Error);
  EXPECT_EQ(claimOne().attempt, 3);
  EXPECT_EQ(task(id).taskRunsFailed, 2);
}

TEST_P(Releasing, AReleasedRunMayBeClaimedInTheSameTick) {
  add();
  const ClaimedRun first = claimOne();
  SyncRequest request = syncOf(runner(), 1);
  request.releases = {{first.owned, 0}};
  EXPECT_EQ(store().runners.sync(request).claimed.size(), 1U);
}

TEST_P(Releasing, ATaskThatWasClaimedAndNotBegunKeepsItsPlaceInTheOrderOfClaims) {
  const int first = add();
  const UnixSeconds place = *task(first).nextRunOn;
  const ClaimedRun claimed = claimOne();
  world().advance(10s);
  add();
  SyncRequest request = syncOf(runner(), 0);
  request.releases = {{.owned = claimed.owned, .place = place}};
  EXPECT_THAT(store().runners.sync(request).lostRuns, IsEmpty());
  EXPECT_EQ(task(first).nextRunOn, place);
  EXPECT_EQ(claimOne().task.id, first);
}

TEST_P(Releasing, NoPlaceIsLaterThanNow) {
  const int id = add();
  SyncRequest request = syncOf(runner(), 0);
  request.releases = {{.owned = claimOne().owned, .place = store().clock.now() + 100}};
  store().runners.sync(request);
  EXPECT_EQ(task(id).nextRunOn, store().clock.now());
}

TEST_P(Releasing, ASnoozedTaskWaitsForItsTimeAndLosesNoTry) {
  const int id = add({.taskHandlerClass = "Echo", .maxRetries = 1});
  for (int i = 0; i < 3; ++i) {
    release(claimOne(), 60);
    EXPECT_EQ(task(id).nextRunOn, store().clock.now() + 60);
    world().advance(59s);
    EXPECT_THAT(claim(), IsEmpty());
    world().advance(1s);
  }
  EXPECT_EQ(claimOne().attempt, 1);
  EXPECT_EQ(task(id).taskRunsFailed, 0);
}

}  // namespace
}  // namespace taskqueue::contract
