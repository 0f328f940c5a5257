// Bulk retry and cancel, each as a background task of its own.
#include <gmock/gmock.h>

#include "tests/integration/stack_test.h"

namespace taskqueue::tests {
namespace {

using ::testing::HasSubstr;

std::vector<int> enqueueMany(Stack& stack, const std::string& data, const std::string& title, int count) {
  std::string body = "[";
  for (int i = 0; i < count; ++i) {
    body += std::string(i > 0 ? "," : "") + R"({"TaskHandlerClass":"Echo","MaxRetries":1,"Title":")" + title +
            R"(","TaskData":)" + data + "}";
  }
  const auto answer = stack.api("POST", "tasks", body + "]");
  EXPECT_EQ(answer.status, 201) << answer.body;
  std::vector<int> ids;
  for (const auto& task : answer.json.GetArray()) ids.push_back(task["Id"].GetInt());
  return ids;
}

TEST_F(StackTest, AllFailedTasksOfATitleAreRetriedAtOnce) {
  const auto failed = enqueueMany(stack(), R"({"fail":"no such file"})", "bulk-a", 250);
  const int other = stack().enqueue("Echo", R"({"fail":"other"})", 1);
  for (const int id : failed) ASSERT_EQ(stack().finalStatus(id, 60s), "error");
  EXPECT_EQ(stack().finalStatus(other), "error");
  const auto answer = stack().api("POST", "tasks/retry?LastStatus=error&q=bulk-a");
  ASSERT_EQ(answer.status, 202) << answer.body;
  const int bulk = answer.json["Id"].GetInt();
  EXPECT_EQ(stack().finalStatus(bulk, 60s), "success");
  const auto run = stack().newestRun(bulk);
  EXPECT_EQ(run["Results"]["Matched"].GetInt(), 250);
  EXPECT_EQ(run["Results"]["Changed"].GetInt(), 250);
  EXPECT_EQ(run["PercentsCompleted"].GetInt(), 100);
  for (const int id : failed) {
    EXPECT_EQ(stack().finalStatus(id, 60s), "error");
    EXPECT_EQ(stack().api("GET", "tasks/" + std::to_string(id)).json["Runs"].Size(), 2U);
  }
  EXPECT_EQ(stack().api("GET", "tasks/" + std::to_string(other)).json["Runs"].Size(), 1U);
}

TEST_F(StackTest, AllWaitingTasksOfAQueueAreCancelledAtOnce) {
  std::vector<int> ids;
  for (int i = 0; i < 3; ++i) {
    const auto added = stack().api("POST", "tasks", R"({"TaskHandlerClass":"Noop","Queue":"bulk-b"})");
    ids.push_back(added.json["Id"].GetInt());
  }
  const auto answer = stack().api("POST", "tasks/cancel?Queue=bulk-b");
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(stack().finalStatus(answer.json["Id"].GetInt()), "success");
  for (const int id : ids) EXPECT_EQ(stack().lastStatus(id), "cancelled");
}

TEST_F(StackTest, ABulkOrderThatSaysTooLittleIsRefused) {
  EXPECT_THAT(stack().api("POST", "tasks/retry").body, HasSubstr("LastStatus"));
  EXPECT_EQ(stack().api("POST", "tasks/retry?LastStatus=success").status, 422);
  EXPECT_THAT(stack().api("POST", "tasks/cancel").body, HasSubstr("?TaskHandlerClass="));
  EXPECT_EQ(stack().api("POST", "tasks/cancel?Colour=red").status, 400);
  EXPECT_EQ(stack().api("POST", "tasks/cancel?Queue=a&limit=3").status, 400);
}

}  // namespace
}  // namespace taskqueue::tests
