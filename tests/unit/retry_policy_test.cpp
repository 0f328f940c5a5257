#include "module/queue/retry_policy.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "tests/support/property.h"

namespace taskqueue {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace): 10s reads better than
                                       // seconds(10)

TEST(RetryPolicyLaws, TheWaitDoublesWithEachFailureUpToItsLimit) {
  const RetryPolicy policy{.delay = 10s, .delayLimit = 60s, .jitter = 0.2};
  EXPECT_EQ(policy.delayAfter(1, 0), 10s);
  EXPECT_EQ(policy.delayAfter(2, 0), 20s);
  EXPECT_EQ(policy.delayAfter(3, 0), 40s);
  EXPECT_EQ(policy.delayAfter(4, 0), 60s);
  EXPECT_EQ(policy.delayAfter(1000000, 0), 60s);
}

TEST(RetryPolicyLaws, JitterOnlyAdds) {
  const RetryPolicy policy{.delay = 100s, .delayLimit = 3600s, .jitter = 0.2};
  EXPECT_EQ(policy.delayAfter(1, 0.5), 110s);
  EXPECT_EQ(policy.delayAfter(1, 0.999999), 120s);
}

TEST(RetryPolicyLaws, AListOfDelaysHoldsForEachFailureAndItsLastOneForAllFurther) {
  const RetryPolicy policy{.delay = 10s, .delayLimit = 20s, .delays = {5s, 60s, 7s}, .jitter = 0.2};
  EXPECT_EQ(policy.delayAfter(1, 0), 5s);
  EXPECT_EQ(policy.delayAfter(2, 0), 60s) << "the limit is of the delay that doubles";
  EXPECT_EQ(policy.delayAfter(3, 0), 7s);
  EXPECT_EQ(policy.delayAfter(1000000, 0), 7s);
  EXPECT_EQ(policy.delayAfter(2, 0.5), 66s);
}

TEST(RetryPolicyLaws, NoDelayStaysNoDelay) {
  EXPECT_EQ((RetryPolicy{.delay = 0s, .delayLimit = 3600s, .jitter = 1}.delayAfter(9, 0.9)), 0s);
}

TEST(RetryPolicyLaws, TheWaitIsWithinItsBoundsAndNeverFalls) {
  test_support::checkProperty(
      "bounds and growth", [](unsigned delay, unsigned limit, unsigned short failures) {
        const RetryPolicy policy{.delay = std::chrono::seconds(delay % 31'622'400),
                                 .delayLimit = std::chrono::seconds(limit % 31'622'400)};
        const auto wait = policy.delayAfter(failures, 0);
        RC_ASSERT(wait >= 0s);
        RC_ASSERT(wait <= policy.delayLimit);
        RC_ASSERT(wait <= policy.delayAfter(failures + 1, 0));
        RC_ASSERT(wait <= policy.delayAfter(failures, 0.7));
      });
}

}  // namespace
}  // namespace taskqueue
