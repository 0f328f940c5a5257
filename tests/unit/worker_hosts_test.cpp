// What the runner decides about the hosts of its kept workers.
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

TEST(WorkerHostsLaws, AllHaveSpokenWhenEachHasAnnouncedItself) {
  auto hosts = twoHosts();
  EXPECT_EQ(hosts.announced(kCpp, handlers({"Echo"})), WorkerHosts::Announcement::First);
  EXPECT_FALSE(hosts.allHaveSpoken());
  EXPECT_EQ(hosts.announced(kPhp, handlers({})), WorkerHosts::Announcement::First);
  EXPECT_TRUE(hosts.allHaveSpoken());
}

TEST(WorkerHostsLaws, AHostThatDoesNotStartIsGivenUpAndHoldsNobodyUp) {
  auto hosts = twoHosts();
  hosts.announced(kCpp, handlers({"Echo"}));
  giveUp(hosts, kPhp);
  EXPECT_TRUE(hosts.isGivenUp(kPhp));
  EXPECT_TRUE(hosts.isUnheard(kPhp));
  EXPECT_TRUE(hosts.allHaveSpoken());
  EXPECT_FALSE(hosts.mayStart(kPhp, kNow + 20s));
  EXPECT_TRUE(hosts.mayStart(kPhp, kNow + 30s));
}

TEST(WorkerHostsLaws, ThereIsAPauseAfterEachFailureAndNoneAfterASuccess) {
  auto hosts = twoHosts();
  EXPECT_EQ(hosts.startFailed(kPhp, kNow), WorkerHosts::Failure::TryAgain);
  EXPECT_FALSE(hosts.mayStart(kPhp, kNow));
  EXPECT_TRUE(hosts.mayStart(kPhp, kNow + 1s));
  hosts.announced(kPhp, handlers({"Report"}));
  EXPECT_TRUE(hosts.mayStart(kPhp, kNow));
  EXPECT_FALSE(hosts.isGivenUp(kPhp));
}

TEST(WorkerHostsLaws, OtherClassesThanBeforeAreAChangeInAnyOrderTheSameAreNone) {
  auto hosts = twoHosts();
  hosts.announced(kPhp, handlers({"A", "B"}));
  EXPECT_EQ(hosts.announced(kPhp, handlers({"B", "A"})), WorkerHosts::Announcement::Same);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"A"})), WorkerHosts::Announcement::Changed);
}

TEST(WorkerHostsLaws, AHostThatWasGivenUpAndIsHeardAfterAllIsAChange) {
  auto hosts = twoHosts();
  giveUp(hosts, kPhp);
  EXPECT_EQ(hosts.announced(kPhp, handlers({"A"})), WorkerHosts::Announcement::Changed);
}

}  // namespace
}  // namespace taskqueue::runner
