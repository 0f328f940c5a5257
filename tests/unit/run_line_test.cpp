// The line of JSON that a runner prints for a run that is over.
#include <gtest/gtest.h>

#include <climits>

#include "module/json/read.h"
#include "runner/run_line.h"

namespace taskqueue::runner {
namespace {

using namespace std::chrono_literals;

ClaimedRun claimed() {
  ClaimedRun run;
  run.owned = {7, 5, "token"};
  run.attempt = 2;
  run.task.taskHandlerClass = "Echo";
  run.task.maxRetries = 3;
  return run;
}

TEST(RunLine, TellsHowARunEndedAndWhenItIsTriedAgain) {
  RunEnd end;
  end.status = RunStatus::Error;
  end.errorCode = "exception";
  end.errorMessage = "broken";
  end.retryDelaySeconds = 10;
  EXPECT_EQ(
      runLine(claimed(), end, 1500ms, 1000),
      R"({"StartedOn":999,"TaskHandlerClass":"Echo","TaskQueueId":5,"TaskRunId":7,"Attempt":2,"Title":"",)"
      R"("Ms":1500,"Outcome":"error","Note":"","ErrorCode":"exception","ErrorMessage":"broken",)"
      R"("AgainInSeconds":10})");
  end.giveUp = true;
  EXPECT_NE(runLine(claimed(), end, 0ms, 0).find(R"("AgainInSeconds":null)"), std::string::npos);
}

TEST(RunLine, TellsOfRunsThatHaveNoEnd) {
  EXPECT_NE(runLine(claimed(), RunRelease{}, 0ms, 0).find(R"("Outcome":"released")"), std::string::npos);
  EXPECT_NE(
      runLine(claimed(), RunRelease{.owned = {}, .delaySeconds = 5}, 0ms, 0).find(R"("Outcome":"snoozed")"),
      std::string::npos);
  EXPECT_NE(runLine(claimed(), std::monostate(), 0ms, 0).find(R"("Outcome":"lost")"), std::string::npos);
}

TEST(RunLine, FitsIntoAPipeAsAWholeWhateverItsTexts) {
  ClaimedRun run = claimed();
  RunEnd end;
  for (std::string* text :
       {&run.task.taskHandlerClass, &run.task.title, &end.progressNote, &end.errorCode, &end.errorMessage}) {
    *text = std::string(10000, '\x01');
  }
  const std::string line = runLine(run, end, 0ms, 0);
  EXPECT_LT(line.size(), std::size_t{PIPE_BUF});
  EXPECT_TRUE(std::holds_alternative<json::Document>(json::read(line, {})));
}

}  // namespace
}  // namespace taskqueue::runner
