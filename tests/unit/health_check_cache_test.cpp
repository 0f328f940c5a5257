// All open overview pages share the result of one health check.
#include "module/web/health_check_cache.h"

#include <gtest/gtest.h>

namespace taskqueue::web {
namespace {

TEST(HealthCheckCache, ManyWhoAskAtOnceGetOneLook) {
  HealthCheckCache recent;
  int looks = 0;
  const auto begun = std::chrono::steady_clock::now();
  const auto look = [&] {
    ++looks;
    return std::vector{health::HealthCheck{.name = "disks"}};
  };
  for (int i = 0; i < 100; ++i) EXPECT_EQ(recent.get(look).at(0).name, "disks");
  const auto passed = std::chrono::steady_clock::now() - begun;
  EXPECT_LE(looks, 1 + passed / std::chrono::seconds(2)) << "one for each two seconds";
}

TEST(HealthCheckCache, ALookThatIsUnderWayHoldsUpNobody) {
  HealthCheckCache recent;
  const auto old = [] { return std::vector{health::HealthCheck{.name = "old"}}; };
  const auto inner = [&] { return recent.get(old); };
  EXPECT_EQ(recent.get(inner).at(0).name, "old") << "the second one comes while the first one looks";
}

}  // namespace
}  // namespace taskqueue::web
