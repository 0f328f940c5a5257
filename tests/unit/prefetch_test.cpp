// How many runs are prefetched beyond the slots.
#include "runner/prefetch.h"

#include <gtest/gtest.h>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr int kSlots = 4;

TEST(Prefetch, NothingIsClaimedAheadBeforeARunWasSeen) {
  EXPECT_EQ(Prefetch().runsBeyond(kSlots), 0);
}

TEST(Prefetch, RunsOfAMomentAreClaimedAheadUpToTheLimit) {
  Prefetch ahead;
  ahead.runTook(1ms);
  EXPECT_EQ(ahead.runsBeyond(kSlots), Prefetch::kWork / 1ms * kSlots);
  for (int i = 0; i < 100; ++i) ahead.runTook(1us);
  EXPECT_EQ(ahead.runsBeyond(kSlots), Prefetch::kMaxRuns);
}

TEST(Prefetch, LongRunsAreNotClaimedAhead) {
  Prefetch ahead;
  ahead.runTook(1s);
  EXPECT_EQ(ahead.runsBeyond(kSlots), 0);
}

TEST(Prefetch, OneLongRunAmongShortOnesCountsMuch) {
  Prefetch ahead;
  for (int i = 0; i < 100; ++i) ahead.runTook(100us);
  ahead.runTook(10s);
  EXPECT_EQ(ahead.runsBeyond(kSlots), 0);
}

TEST(Prefetch, AfterAWaitThatWasTooLongRunsMustBeSeenToBeShortAgain) {
  Prefetch ahead;
  ahead.runTook(1ms);
  ahead.waitedTooLong();
  EXPECT_EQ(ahead.runsBeyond(kSlots), 0);
  ahead.runTook(1ms);
  EXPECT_GT(ahead.runsBeyond(kSlots), 0);
}

}  // namespace
}  // namespace taskqueue::runner
