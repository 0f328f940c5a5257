// How many runs are prefetched beyond the slots.
#include "runner/claim_ahead.h"

#include <gtest/gtest.h>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr int kSlots = 4;

TEST(ClaimAhead, NothingIsClaimedAheadBeforeARunWasSeen) {
  EXPECT_EQ(ClaimAhead().beyond(kSlots), 0);
}

TEST(ClaimAhead, RunsOfAMomentAreClaimedAheadUpToTheLimit) {
  ClaimAhead ahead;
  ahead.runTook(1ms);
  EXPECT_EQ(ahead.beyond(kSlots), ClaimAhead::kWork / 1ms * kSlots);
  for (int i = 0; i < 100; ++i) ahead.runTook(1us);
  EXPECT_EQ(ahead.beyond(kSlots), ClaimAhead::kMostRuns);
}

TEST(ClaimAhead, LongRunsAreNotClaimedAhead) {
  ClaimAhead ahead;
  ahead.runTook(1s);
  EXPECT_EQ(ahead.beyond(kSlots), 0);
}

TEST(ClaimAhead, OneLongRunAmongShortOnesCountsMuch) {
  ClaimAhead ahead;
  for (int i = 0; i < 100; ++i) ahead.runTook(100us);
  ahead.runTook(10s);
  EXPECT_EQ(ahead.beyond(kSlots), 0);
}

TEST(ClaimAhead, AfterAWaitThatWasTooLongRunsMustBeSeenToBeShortAgain) {
  ClaimAhead ahead;
  ahead.runTook(1ms);
  ahead.waitedTooLong();
  EXPECT_EQ(ahead.beyond(kSlots), 0);
  ahead.runTook(1ms);
  EXPECT_GT(ahead.beyond(kSlots), 0);
}

}  // namespace
}  // namespace taskqueue::runner
