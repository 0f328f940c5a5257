// A host of workers that hangs while it loads is left out after its first start.
#include <gmock/gmock.h>

#include "tests/chaos/runners_test.h"
#include "tests/support/eventually.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using ::testing::HasSubstr;

class HangingHost : public RunnersTest {
 protected:
  HangingHost() : RunnersTest("hanging_host", "[worker.hangs]\ncommand=/bin/sleep 1000\n") {}
};

TEST_F(HangingHost, IsLeftOutAtItsFirstLateStartAndTheOthersWork) {
  RunnerProcess runner(directory());
  // 30 s for its first words; five starts would take more than 150 s.
  EXPECT_TRUE(eventually([&] { return !store().findHandlers().empty(); }, 60s)) << logText();
  ASSERT_TRUE(enqueue({{.taskHandlerClass = "Noop"}}));
  expectAllToSucceed([] {}, 20s);
  EXPECT_THAT(logText(), HasSubstr("a host of workers is left out"));
  runner.stop();
  expectAllIsWell(runner.pids());
}

}  // namespace
}  // namespace taskqueue::chaos
