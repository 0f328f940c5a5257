// The form of a new task: its fields, and whom the task tells.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/queue/notification.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(NewTaskPage, ATaskMadeByAFormHasItsDataAndIsRecorded) {
  WebUnderTest web;
  const HandlerDeclaration handler{
      .taskHandlerClass = "Echo",
      .kind = "cpp",
      .dataSchema = R"({"type":"object","properties":{"message":{"type":"string"},"sleep":{"type":"integer"},
        "loud":{"type":"boolean"},"list":{"type":"array"}}})"};
  web.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
  const Response response = web.answer(
      web.post("new", "TaskHandlerClass=Echo&m.message=1%2B1+%26+2&m.sleep=3&m.loud=true&m.list=%5B1%5D"));
  ASSERT_EQ(response.status, 303) << response.body;
  const auto& row = web.store().tables.tasks.at(1).task;
  EXPECT_EQ(row.taskData, R"({"message":"1+1 & 2","sleep":3,"loud":true,"list":[1]})");
  const auto audit = web.store().audit.auditOfTask(1, 10);
  ASSERT_EQ(audit.size(), 1U);
  EXPECT_EQ(audit[0].by.name, "ada");
  EXPECT_EQ(audit[0].action, "enqueue");
  EXPECT_EQ(web.answer(web.post("new", "TaskHandlerClass=Nope&raw=1&TaskData=%7B%7D")).status, 422);
  EXPECT_EQ(web.answer(web.post("new", "TaskHandlerClass=Echo&Priority=x")).status, 422);
}

TEST(NewTaskPage, ATextThatMayBeLongHasRoomAndKeepsItsLines) {
  WebUnderTest web;
  const HandlerDeclaration handler{
      .taskHandlerClass = "Letter",
      .kind = "cpp",
      .dataSchema = R"({"type":"object","properties":{"text":{"type":"string","maxLength":10000},)"
                    R"("to":{"type":"string","maxLength":1000}}})"};
  web.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
  const std::string form = web.answer(web.get("new?handler=Letter")).body;
  EXPECT_THAT(form, HasSubstr("<textarea id=\"m-text\" name=\"m.text\" rows=\"3\">"));
  EXPECT_THAT(form, HasSubstr("<input id=\"m-to\" name=\"m.to\""));
  ASSERT_EQ(web.answer(web.post("new", "TaskHandlerClass=Letter&m.text=a%0D%0Ab&m.to=c")).status, 303);
  EXPECT_EQ(web.store().tables.tasks.at(1).task.taskData, R"({"text":"a\nb","to":"c"})");
}

TEST(NewTaskPage, WhoIsToldIsAskedForAndShownWithoutTheSecretPartOfAnAddress) {
  WebUnderTest web;
  const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"},
                                                 {.taskHandlerClass = kWebhookHandler, .kind = "cpp"}};
  web.store().runners.registerRunner({.queues = {"default"}}, handlers);
  const std::string fields = "TaskHandlerClass=Echo&raw=1&TaskData=%7B%7D&NotifyOn=failure&NotifyTo=";
  const Response refused = web.answer(web.post("new", fields + "nonsense"));
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr(R"(<option value="failure" selected>)"));
  EXPECT_THAT(refused.body, HasSubstr(R"(value="nonsense")"));
  ASSERT_EQ(web.answer(web.post("new", fields + "https%3A%2F%2Fchat.example%2Fs3cret")).status, 303);
  EXPECT_EQ(web.store().tasks.findNotification(1).to, "https://chat.example/s3cret");
  EXPECT_EQ(web.store().tasks.findNotification(1).language, "en");
  const std::string waits = web.answer(web.get("tasks/1")).body;
  EXPECT_THAT(waits, HasSubstr("https://chat.example/…, when it fails for good or is cancelled"));
  EXPECT_THAT(waits, Not(HasSubstr("s3cret")));
  web.store().tasks.cancelTask(1);
  EXPECT_THAT(web.answer(web.get("tasks/1")).body, HasSubstr(R"(tasks/2">message</a>)"));
}

TEST(NewTaskPage, ACopyTellsWhomItsOriginalTold) {
  WebUnderTest web;
  const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"},
                                                 {.taskHandlerClass = kMailHandler, .kind = "cpp"},
                                                 {.taskHandlerClass = kWebhookHandler, .kind = "cpp"}};
  web.store().runners.registerRunner({.queues = {"default"}}, handlers);
  const std::vector<NewTask> told{
      {.taskHandlerClass = "Echo",
       .notifyOn = NotifyOn::Failure,
       .notifyTo = "https://chat.example/s3cret",
       .notifyLanguage = "de"},
      {.taskHandlerClass = "Echo", .queuedById = 17, .notifyOn = NotifyOn::Both, .notifyLanguage = "ru"}};
  const auto originals = web.store().tasks.insertTasks(told, std::nullopt).tasks;
  const int hook = originals.at(0).id;
  const int user = originals.at(1).id;
  const auto formOf = [&](int id) { return web.answer(web.get("new?copy=" + std::to_string(id))).body; };
  const auto copyOf = [&](int id, const std::string& fields) {
    EXPECT_EQ(web.answer(web.post("new", "TaskHandlerClass=Echo&raw=1&TaskData=%7B%7D&copy=" +
                                             std::to_string(id) + fields))
                  .status,
              303)
        << fields;
    const int copy = web.store().tables.tasks.rbegin()->first;
    EXPECT_GT(copy, id);
    return copy;
  };
  EXPECT_THAT(formOf(hook), AllOf(HasSubstr(R"(<option value="failure" selected>)"),
                                  HasSubstr(R"(value="https://chat.example/…")"), Not(HasSubstr("s3cret"))));
  const std::string sameHook = "&NotifyOn=both&NotifyTo=https%3A%2F%2Fchat.example%2F%E2%80%A6";
  TaskNotification tells = web.store().tasks.findNotification(copyOf(hook, sameHook));
  EXPECT_EQ(tells.on, NotifyOn::Both);
  EXPECT_EQ(tells.to, "https://chat.example/s3cret");
  EXPECT_EQ(tells.language, "de");
  tells = web.store().tasks.findNotification(copyOf(hook, "&NotifyOn=failure&NotifyTo=ada%40example.com"));
  EXPECT_EQ(tells.to, "ada@example.com");
  EXPECT_EQ(tells.language, "en");
  EXPECT_EQ(web.store().tasks.findNotification(copyOf(hook, "&NotifyOn=never&NotifyTo=")).to, std::nullopt);

  EXPECT_THAT(formOf(user), HasSubstr(R"(placeholder="user 17")"));
  const int copy = copyOf(user, "&NotifyOn=both&NotifyTo=");
  EXPECT_EQ(web.store().tables.tasks.at(copy).task.queuedById, 17);
  EXPECT_EQ(web.store().tasks.findNotification(copy).language, "ru");
}

}  // namespace
}  // namespace taskqueue::web::tests
