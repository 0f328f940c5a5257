// The runner's decisions about its pools of persistent workers.
#include "runner/worker_pools.h"

#include <gtest/gtest.h>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCpp = 0;
constexpr std::size_t kPhp = 1;

const WorkerPools::Time kNow{1h};

WorkerPools twoHosts() {
  return WorkerPools({{"cpp", "cpp", {"/x"}}, {"php", "php", {"/y"}}});
}

std::vector<HandlerDeclaration> handlers(const std::vector<std::string>& classes) {
  std::vector<HandlerDeclaration> list;
  for (const std::string& name : classes) list.push_back({.taskHandlerClass = name});
  return list;
}

void giveUp(WorkerPools& pools, std::size_t pool) {
  while (pools.startFailed(pool, kNow) == WorkerPools::Failure::TryAgain) {
  }
}

using Announcement = WorkerPools::Announcement;

TEST(WorkerPoolsLaws, AllHaveSpokenWhenEachHasAnnouncedItself) {
  auto pools = twoHosts();
  EXPECT_EQ(pools.announced(kCpp, handlers({"Echo"}), 1), Announcement::Changed);
  EXPECT_FALSE(pools.allHaveAnnounced());
  EXPECT_EQ(pools.announced(kPhp, handlers({}), 2), Announcement::Changed);
  EXPECT_TRUE(pools.allHaveAnnounced());
}

TEST(WorkerPoolsLaws, AHostThatDoesNotStartIsGivenUpAndHoldsNobodyUp) {
  auto pools = twoHosts();
  pools.announced(kCpp, handlers({"Echo"}), 1);
  giveUp(pools, kPhp);
  EXPECT_TRUE(pools.isGivenUp(kPhp));
  EXPECT_TRUE(pools.wasNeverReady(kPhp));
  EXPECT_TRUE(pools.allHaveAnnounced());
  EXPECT_FALSE(pools.mayStart(kPhp, kNow + 20s));
  EXPECT_TRUE(pools.mayStart(kPhp, kNow + 30s));
}

TEST(WorkerPoolsLaws, AHostThatRefusesIsGivenUpAtOnceWithItsWords) {
  auto pools = twoHosts();
  pools.refused(kPhp, "a.php: ParseError in a.php:3", kNow);
  EXPECT_TRUE(pools.isGivenUp(kPhp));
  EXPECT_FALSE(pools.mayStart(kPhp, kNow + 29s));
  EXPECT_EQ(pools.problems().at(0).problem, "a.php: ParseError in a.php:3");
  pools.refused(kPhp, "b.php: ParseError in b.php:4", kNow, /*watches=*/true);
  EXPECT_FALSE(pools.mayStart(kPhp, kNow)) << "no loop of starts";
  EXPECT_TRUE(pools.mayStart(kPhp, kNow + 1s)) << "its end says that it is worth trying";
  EXPECT_EQ(pools.problems().at(0).problem, "b.php: ParseError in b.php:4");
  pools.announced(kPhp, handlers({"A"}), 2);
  EXPECT_TRUE(pools.problems().empty());
}

TEST(WorkerPoolsLaws, WhyAProgramCannotBeStartedIsItsProblem) {
  auto pools = twoHosts();
  while (pools.startFailed(kPhp, kNow, "cannot start /y: no such file") == WorkerPools::Failure::TryAgain) {
  }
  EXPECT_EQ(pools.problems().at(0).problem, "cannot start /y: no such file");
}

TEST(WorkerPoolsLaws, ThereIsAPauseAfterEachFailureAndNoneAfterASuccess) {
  auto pools = twoHosts();
  EXPECT_EQ(pools.startFailed(kPhp, kNow), WorkerPools::Failure::TryAgain);
  EXPECT_FALSE(pools.mayStart(kPhp, kNow));
  EXPECT_TRUE(pools.mayStart(kPhp, kNow + 1s));
  pools.announced(kPhp, handlers({"Report"}), 1);
  EXPECT_TRUE(pools.mayStart(kPhp, kNow));
  EXPECT_FALSE(pools.isGivenUp(kPhp));
}

TEST(WorkerPoolsLaws, OtherClassesOrSettingsThanBeforeAreNewsInAnyOrderTheSameAreNone) {
  auto pools = twoHosts();
  pools.announced(kPhp, handlers({"A", "B"}), 1);
  EXPECT_EQ(pools.announced(kPhp, handlers({"B", "A"}), 2), Announcement::Same);
  EXPECT_EQ(pools.announced(kPhp, handlers({"A"}), 3), Announcement::Changed);
  auto changed = handlers({"A"});
  changed[0].dataSchema = "{}";
  EXPECT_EQ(pools.announced(kPhp, changed, 4), Announcement::Changed);
}

TEST(WorkerPoolsLaws, AWorkerThatWasStartedEarlierDoesNotTakeBackWhatALaterOneSaid) {
  auto pools = twoHosts();
  pools.announced(kPhp, handlers({"A", "B"}), 3);
  EXPECT_EQ(pools.announced(kPhp, handlers({"A"}), 2), Announcement::Outdated);
  EXPECT_EQ(pools.announced(kPhp, handlers({"A", "B"}), 2), Announcement::Same);
}

TEST(WorkerPoolsLaws, AHostThatWasGivenUpOrIsAwayAndIsHeardAfterAllIsNews) {
  auto pools = twoHosts();
  giveUp(pools, kPhp);
  EXPECT_EQ(pools.announced(kPhp, handlers({"A"}), 1), Announcement::Changed);
  giveUp(pools, kPhp);
  pools.withdraw(kPhp);
  EXPECT_EQ(pools.announced(kPhp, handlers({"A"}), 2), Announcement::Changed);
  EXPECT_FALSE(pools.isWithdrawn(kPhp));
}

}  // namespace
}  // namespace taskqueue::runner
