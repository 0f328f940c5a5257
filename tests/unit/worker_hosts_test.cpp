// The runner's decisions about its pools of persistent workers.
#include "runner/worker_hosts.h"

#include <gtest/gtest.h>

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kCpp = 0;
constexpr std::size_t kPhp = 1;

const WorkerHosts::Time kNow{1h};

WorkerHosts twoHosts() {
  return WorkerHosts({{"cpp", "cpp", {"/x"}}, {"php", "php", {"/y"}}});
}

std::vector<HandlerDeclaration> handlers(const std::vector<std::string>& classes) {
  std::vector<HandlerDeclaration> list;
  for (const std::string& name : classes) list.push_back({.taskHandlerClass = name});
  return list;
}

void giveUp(WorkerHosts& hosts, std::size_t host) {
  while (hosts.startFailed(host, kNow) == WorkerHosts::Failure::TryAgain) {
  }
}

using Announcement = WorkerHosts::Announcement;

TEST(WorkerHostsLaws, AllHaveSpokenWhenEachHasAnnouncedItself) {
  auto hosts = twoHosts();
  EXPECT_EQ(hosts.announced(kCpp, handlers({"Echo"}), 1), Announcement::News);
  EXPECT_FALSE(hosts.allHaveSpoken());
  EXPECT_EQ(hosts.announced(kPhp, handlers({}), 2), Announcement::News);
  EXPECT_TRUE(hosts.allHaveSpoken());
}

TEST(WorkerHostsLaws, AHostThatDoesNotStartIsGivenUpAndHoldsNobodyUp) {
  auto hosts = twoHosts();
  hosts.announced(kCpp, handlers({"Echo"}), 1);
  giveUp(hosts, kPhp);
  EXPECT_TRUE(hosts.isGivenUp(kPhp));
  EXPECT_TRUE(hosts.isUnheard(kPhp));
  EXPECT_TRUE(hosts.allHaveSpoken());
  EXPECT_FALSE(hosts.mayStart(kPhp, kNow + 20s));
  EXPECT_TRUE(hosts.mayStart(kPhp, kNow + 30s));
}

TEST(WorkerHostsLaws, AHostThatRefusesIsGivenUpAtOnceWithItsWords) {
  auto hosts = twoHosts();
  hosts.refused(kPhp, "a.php: ParseError in a.php:3", kNow);
  EXPECT_TRUE(hosts.isGivenUp(kPhp));
  EXPECT_FALSE(hosts.mayStart(kPhp, kNow + 29s));
  EXPECT_EQ(hosts.problems().at(0).problem, "a.php: ParseError in a.php:3");
  hosts.refused(kPhp, "b.php: ParseError in b.php:4", kNow, /*watches=*/true);
  EXPECT_FALSE(hosts.mayStart(kPhp, kNow)) << "no loop of starts";
  EXPECT_TRUE(hosts.mayStart(kPhp, kNow + 1s)) << "its end says that it is worth trying";
  EXPECT_EQ(hosts.problems().at(0).problem, "b.php: ParseError in b.php:4");
  hosts.announced(kPhp, handlers({"A"}), 2);
  EXPECT_TRUE(hosts.problems().empty());
}

TEST(WorkerHostsLaws, WhyAProgramCannotBeStartedIsItsProblem) {
  auto hosts = twoHosts();
  while (hosts.startFailed(kPhp, kNow, "cannot start /y: no such file") == WorkerHosts::Failure::TryAgain) {
  }
  EXPECT_EQ(hosts.problems().at(0).problem, "cannot start /y: no such file");
}

TEST(WorkerHostsLaws, ThereIsAPauseAfterEachFailureAndNoneAfterASuccess) {
  auto hosts = twoHosts();
  EXPECT_EQ(hosts.startFailed(kPhp, kNow), WorkerHosts::Failure::TryAgain);
  EXPECT_FALSE(hosts.mayStart(kPhp, kNow));
  EXPECT_TRUE(hosts.mayStart(kPhp, kNow + 1s));
  hosts.announced(kPhp, handlers({"Report"}), 1);
  EXPECT_TRUE(hosts.mayStart(kPhp, kNow));
  EXPECT_FALSE(hosts.isGivenUp(kPhp));
}

TEST(WorkerHostsLaws, OtherClassesOrSettingsThanBeforeAreNewsInAnyOrderTheSameAreNone) {
  auto hosts = twoHosts();
  hosts.announced(kPhp, handlers({"A", "B"}), 1);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"B", "A"}), 2), Announcement::Same);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"A"}), 3), Announcement::News);
  auto changed = handlers({"A"});
  changed[0].dataSchema = "{}";
  EXPECT_EQ(hosts.announced(kPhp, changed, 4), Announcement::News);
}

TEST(WorkerHostsLaws, AWorkerThatWasStartedEarlierDoesNotTakeBackWhatALaterOneSaid) {
  auto hosts = twoHosts();
  hosts.announced(kPhp, handlers({"A", "B"}), 3);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"A"}), 2), Announcement::Outdated);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"A", "B"}), 2), Announcement::Same);
}

TEST(WorkerHostsLaws, AHostThatWasGivenUpOrIsAwayAndIsHeardAfterAllIsNews) {
  auto hosts = twoHosts();
  giveUp(hosts, kPhp);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"A"}), 1), Announcement::News);
  giveUp(hosts, kPhp);
  hosts.setAway(kPhp);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"A"}), 2), Announcement::News);
  EXPECT_FALSE(hosts.isAway(kPhp));
}

}  // namespace
}  // namespace taskqueue::runner
