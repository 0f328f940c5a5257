// A host of workers that hangs while it loads keeps no other handler away.
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
  // It has 30 s for its first words; the others begin after runner.hosts_wait_seconds.
  ASSERT_TRUE(enqueue({{.taskHandlerClass = "Noop"}}));
  expectAllToSucceed([] {}, 60s);
  EXPECT_THAT(logText(), Not(HasSubstr("a host of workers is left out"))) << "they did not wait for it";
  const auto isLeftOut = [&] { return logText().find("a host of workers is left out") != std::string::npos; };
  EXPECT_TRUE(eventually(isLeftOut, 120s)) << logText();
  runner.stop();
  expectAllIsWell(runner.pids());
}

}  // namespace
}  // namespace taskqueue::chaos
