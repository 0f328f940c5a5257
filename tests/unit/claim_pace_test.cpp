// When a runner looks for tasks, and when it claims what a wake-up named.
#include "runner/claim_pace.h"

#include <gmock/gmock.h>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClaimPaceTest : public ::testing::Test {
 protected:
  // Begins a sync that writes nothing.
  SyncRequest take() {
    SyncRequest request;
    pace_.take(request, /*loopStandsStill=*/false);
    return request;
  }
  void end(const SyncRequest& request, const std::vector<int>& claimedTasks) {
    SyncResult result;
    for (const int id : claimedTasks) {
      ClaimedRun run;
      run.owned.taskQueueId = id;
      result.claimed.push_back(run);
    }
    pace_.claimed(request, result);
  }
  // Looks, and claims nothing: the runner could do more than there is.
  void lookInVain() {
    pace_.wake();
    end(take(), {});
  }
  bool isLookWanted() { return pace_.nextClaim() == ClaimPace::Clock::time_point{}; }

  ClaimPace pace_{{.busy = 1h, .idle = 1h, .probe = 1h}};
};

TEST_F(ClaimPaceTest, AWakeUpThatNamesNoTaskCausesALook) {
  pace_.addFreeSlots(4);
  lookInVain();
  pace_.wake(std::vector<int>{});
  const SyncRequest request = take();
  EXPECT_EQ(request.claimLimit, 4);
  EXPECT_THAT(request.named, IsEmpty());
}

TEST_F(ClaimPaceTest, NamedTasksAreClaimedWhenNothingElseWasDue) {
  pace_.addFreeSlots(4);
  lookInVain();
  pace_.wake(std::vector{7});
  pace_.wake(std::vector{8, 9});
  EXPECT_TRUE(isLookWanted());
  const SyncRequest request = take();
  EXPECT_EQ(request.claimLimit, 4);
  EXPECT_THAT(request.named, ElementsAre(7, 8, 9));
  end(request, {7, 9});
  EXPECT_FALSE(isLookWanted());
  EXPECT_EQ(take().claimLimit, 0);
}

TEST_F(ClaimPaceTest, WhileOthersWaitALookKeepsTheOrder) {
  pace_.addFreeSlots(2);
  pace_.wake();
  end(take(), {1, 2});
  pace_.addFreeSlots(2);
  pace_.wake(std::vector{7});
  EXPECT_THAT(take().named, IsEmpty());
}

TEST_F(ClaimPaceTest, MoreNamesThanRoomCauseALook) {
  pace_.addFreeSlots(2);
  lookInVain();
  pace_.wake(std::vector{7, 8, 9});
  const SyncRequest request = take();
  EXPECT_EQ(request.claimLimit, 2);
  EXPECT_THAT(request.named, IsEmpty());
}

TEST_F(ClaimPaceTest, ALookThatIsDueCoversTheNamedTasks) {
  pace_.addFreeSlots(4);
  lookInVain();
  pace_.wake(std::vector{7});
  pace_.wake();
  EXPECT_THAT(take().named, IsEmpty());
  EXPECT_EQ(take().claimLimit, 0);
}

TEST_F(ClaimPaceTest, ANamedTaskThatALookMustJudgeCausesOne) {
  pace_.addFreeSlots(4);
  lookInVain();
  pace_.wake(std::vector{7});
  SyncResult result;
  result.needsLook = true;
  pace_.claimed(take(), result);
  EXPECT_TRUE(isLookWanted());
  EXPECT_THAT(take().named, IsEmpty());
}

TEST_F(ClaimPaceTest, ATaskThatCameByItselfCausesALookOnce) {
  ClaimPace pace({.busy = 1h, .idle = 1h, .probe = 0ms});
  pace.addFreeSlots(4);
  SyncRequest look;
  pace.take(look, false);
  EXPECT_EQ(look.claimLimit, 4);
  pace.claimed(look, {});
  EXPECT_TRUE(pace.isProbeDue());
  pace.probed(17);
  EXPECT_FALSE(pace.isProbeDue());
  SyncRequest second;
  pace.take(second, false);
  EXPECT_EQ(second.claimLimit, 4);
  pace.claimed(second, {});
  pace.probed(17);
  SyncRequest third;
  pace.take(third, false);
  EXPECT_EQ(third.claimLimit, 0);
}

TEST_F(ClaimPaceTest, AfterANamedTaskTheProbeCausesALookForLowerIds) {
  ClaimPace pace({.busy = 1h, .idle = 1h, .probe = 0ms});
  pace.addFreeSlots(4);
  SyncRequest look;
  pace.take(look, false);
  pace.claimed(look, {});
  pace.wake(std::vector{18});
  SyncRequest named;
  pace.take(named, false);
  ASSERT_THAT(named.named, ElementsAre(18));
  SyncResult result;
  result.claimed.resize(1);
  result.claimed[0].owned.taskQueueId = 18;
  pace.claimed(named, result);
  pace.probed(18);
  SyncRequest next;
  pace.take(next, false);
  EXPECT_EQ(next.claimLimit, 3);
  EXPECT_THAT(next.named, IsEmpty());
}

TEST_F(ClaimPaceTest, AWakeUpWithoutRoomIsKeptUntilThereIsSome) {
  pace_.addFreeSlots(1);
  lookInVain();
  pace_.addFreeSlots(-1);
  pace_.wake(std::vector{7});
  EXPECT_EQ(take().claimLimit, 0);
  pace_.addFreeSlots(1);
  EXPECT_TRUE(isLookWanted());
  EXPECT_EQ(take().claimLimit, 1);
}

TEST_F(ClaimPaceTest, ARunnerWithoutRoomAsksNothing) {
  ClaimPace pace({.busy = 1h, .idle = 1h, .probe = 0ms});
  EXPECT_FALSE(pace.isProbeDue());
  EXPECT_EQ(pace.nextClaim(), std::nullopt);
}

}  // namespace
}  // namespace taskqueue::runner
