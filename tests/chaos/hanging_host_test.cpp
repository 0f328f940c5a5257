// A worker pool that hangs while it loads does not block the other handlers.
#include <gmock/gmock.h>

#include "tests/chaos/runners_test.h"
#include "tests/support/eventually.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using ::testing::HasSubstr;
using ::testing::Not;

class HangingHost : public RunnersTest {
 protected:
  HangingHost() : RunnersTest("hanging_host", "[worker.hangs]\ncommand=/bin/sleep 1000\n") {}
};

TEST_F(HangingHost, KeepsNoOtherHandlerAwayAndIsLeftOutAtItsFirstLateStart) {
  RunnerProcess runner(directory());
  // Its first message may take 30 s; the other pools start after runner.pools_wait_seconds.
  ASSERT_TRUE(enqueue({{.taskHandlerClass = "Noop"}}));
  expectAllToSucceed([] {}, 60s);
  EXPECT_THAT(logText(), Not(HasSubstr("a worker pool is left out"))) << "they did not wait for it";
  const auto isLeftOut = [&] { return logText().find("a worker pool is left out") != std::string::npos; };
  EXPECT_TRUE(eventually(isLeftOut, 120s)) << logText();
  runner.stop();
  expectAllIsWell(runner.pids());
}

}  // namespace
}  // namespace taskqueue::chaos
