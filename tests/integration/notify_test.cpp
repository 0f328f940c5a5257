// Notifications on the whole stack: by webhook to a PHP script, on the page, and on the command line.
#include <gmock/gmock.h>

#include "tests/integration/stack_test.h"
#include "tests/support/webhook_receiver.h"

namespace taskqueue::tests {
namespace {

using test_support::WebhookReceiver;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class NotifyTest : public StackTest {
 protected:
  static int enqueueTold(const std::string& to) {
    const auto answer = stack().api(
        "POST", "tasks", R"({"TaskHandlerClass":"Noop","NotifyOn":"both","NotifyTo":")" + to + "\"}");
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.status == 201 ? answer.json["Id"].GetInt() : 0;
  }
  static json::Document task(int id) {
    return std::move(stack().api("GET", "tasks/" + std::to_string(id)).json);
  }
};

TEST_F(NotifyTest, AWebhookThatIsBusyGetsTheMessageAtTheNextTry) {
  const WebhookReceiver receiver({"503 Retry-After: 1", "200"}, stack().setting("WEBHOOK_SECRET"));
  const int id = enqueueTold(receiver.url());
  EXPECT_EQ(stack().finalStatus(id), "success");
  const auto told = task(id);
  EXPECT_STREQ(told["Task"]["NotifyTo"].GetString(), receiver.url().c_str());
  ASSERT_TRUE(told["Task"]["NotificationTaskId"].IsInt());
  const int messageId = told["Task"]["NotificationTaskId"].GetInt();
  EXPECT_EQ(stack().finalStatus(messageId), "success");
  const auto message = task(messageId);
  ASSERT_EQ(message["Runs"].Size(), 2U);
  EXPECT_STREQ(message["Runs"][0]["ErrorCode"].GetString(), "http_503");
  EXPECT_EQ(message["Runs"][1]["Results"]["HttpStatus"].GetInt(), 200);
  ASSERT_THAT(receiver.received(), SizeIs(2));
  EXPECT_THAT(receiver.received()[1], HasSubstr(R"("TaskQueueId":)" + std::to_string(id) + ","));
  EXPECT_THAT(receiver.received()[1], HasSubstr(R"("checkedByHand":true)"));

  const std::string page = stack().page("/tasks/" + std::to_string(id)).body;
  EXPECT_THAT(page, HasSubstr("tasks/" + std::to_string(messageId) + "\""));
  EXPECT_THAT(page, HasSubstr("/…, when it ends"));
  EXPECT_THAT(page, Not(HasSubstr("/hook"))) << "who knows the whole address may speak to it";
  EXPECT_THAT(stack().page("/tasks/" + std::to_string(messageId)).body, Not(HasSubstr("/hook")));
}

TEST_F(NotifyTest, WhatCannotBeHeededIsRefused) {
  const auto refused =
      stack().api("POST", "tasks",
                  R"({"TaskHandlerClass":"Noop","NotifyOn":"both","NotifyTo":"https://a:b@cms.example/"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("/NotifyTo"));
  const auto wrong = stack().api("POST", "tasks", R"({"TaskHandlerClass":"Noop","NotifyOn":"always"})");
  EXPECT_THAT(wrong.body, HasSubstr("must be never, success, failure or both"));
  const auto command = stack().commandLine("enqueue Noop --notify-on both --notify-to nonsense");
  EXPECT_NE(command.exitStatus, 0);
  EXPECT_THAT(command.output, HasSubstr("/NotifyTo must be one e-mail address"));
}

TEST_F(NotifyTest, TheCommandLineAsksForItToo) {
  const WebhookReceiver receiver({}, stack().setting("WEBHOOK_SECRET"));
  const auto command = stack().commandLine("enqueue Noop --notify-on success --notify-to " + receiver.url());
  EXPECT_EQ(command.exitStatus, 0) << command.output;
  EXPECT_TRUE(eventually([&] { return receiver.received().size() == 1; }, 20s));
}

TEST_F(NotifyTest, AScheduleNamesWhoIsToldOfItsTasks) {
  const WebhookReceiver receiver({}, stack().setting("WEBHOOK_SECRET"));
  const auto command = [](const std::string& arguments) {
    const auto answer = stack().commandLine("schedule " + arguments);
    EXPECT_EQ(answer.exitStatus, 0) << answer.output;
    return std::atoi(answer.output.c_str());
  };
  const int id = command("add told Noop @daily --notify-on both --notify-to " + receiver.url());
  command("change told --max-retries 3");
  const auto shown = [id] { return std::move(stack().api("GET", "schedules/" + std::to_string(id)).json); };
  EXPECT_STREQ(shown()["NotifyTo"].GetString(), receiver.url().c_str());
  const int fired = command("fire told");
  EXPECT_EQ(stack().finalStatus(fired), "success");
  EXPECT_TRUE(eventually([&] { return receiver.received().size() == 1; }, 20s));
  EXPECT_THAT(receiver.received().at(0), HasSubstr(R"("TaskQueueId":)" + std::to_string(fired) + ","));
  command("change told --notify-on never");
  EXPECT_TRUE(shown()["NotifyTo"].IsNull());
  command("remove told");
}

}  // namespace
}  // namespace taskqueue::tests
