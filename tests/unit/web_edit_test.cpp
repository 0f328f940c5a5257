// Editing a task that waits: by its page and by the API.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/web/form.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WebEdit : public ::testing::Test {
 protected:
  WebEdit() {
    const HandlerDeclaration handler{
        .taskHandlerClass = "Report",
        .kind = "cpp",
        .dataSchema = R"({"type":"object","properties":{"to":{"type":"string"},"password":{"type":"string"}}})"};
    web_.store().runners.registerRunner({.queues = {"default"}}, std::span(&handler, 1));
    id_ = web_.store().tables.insertRow({.taskHandlerClass = "Report",
                                         .taskData = R"({"to":"ada","password":"secret-word"})",
                                         .queue = "default",
                                         .nextRunOn = web_.store().clock.now(),
                                         .title = "Sums"});
  }
  Task& task() { return web_.store().tables.tasks.at(id_).task; }
  std::string form(const std::string& rest) {
    return "Version=" + versionOf(task()) + "&ScheduledOn=&MaxRetries=5&" + rest;
  }
  Response patch(const std::string& body) {
    return web_.answer(web_.callApi("PATCH", "api/v1/tasks/" + std::to_string(id_), body));
  }

  WebUnderTest web_;
  int id_ = 0;
};

TEST_F(WebEdit, TheFormChangesWhatIsChangedAndTheRecordSaysOldAndNew) {
  const std::string shown = web_.answer(web_.get("tasks/1/edit")).body;
  EXPECT_THAT(shown, AllOf(HasSubstr(R"(value="Sums")"), HasSubstr(R"(name="m.to" value="ada")"),
                           Not(HasSubstr("secret-word"))));
  EXPECT_THAT(web_.answer(web_.get("tasks/1")).body, HasSubstr("tasks/1/edit"));
  const std::string masked = "&m.password=" + percentEncoded("••••••");
  const Response saved = web_.answer(web_.post(
      "tasks/1/edit", form("Title=Totals&Queue=reports&Priority=2&m.to=bob" + masked)));
  ASSERT_EQ(saved.status, 303);
  EXPECT_EQ(task().title, "Totals");
  EXPECT_EQ(task().queue, "reports");
  EXPECT_EQ(task().priority, 2);
  EXPECT_EQ(task().taskData, R"({"to":"bob","password":"secret-word"})") << "a masked member keeps its value";
  const AuditEntry record = web_.store().audit.auditOfTask(id_, 1).at(0);
  EXPECT_EQ(record.action, "change");
  EXPECT_EQ(record.by.name, "ada");
  EXPECT_THAT(record.detail, AllOf(HasSubstr("Priority 5 → 2"), HasSubstr("Queue default → reports"),
                                   HasSubstr("'Sums' → 'Totals'"), Not(HasSubstr("secret"))));
}

TEST_F(WebEdit, ASecondEditOfTheSamePageIsRefused) {
  const std::string same = form("Title=Totals&Queue=default&Priority=5&m.to=ada");
  EXPECT_EQ(web_.answer(web_.post("tasks/1/edit", same)).status, 303);
  EXPECT_EQ(web_.answer(web_.post("tasks/1/edit", same)).status, 409);
}

TEST_F(WebEdit, WrongValuesStandAtTheirFieldsAndChangeNothing) {
  const Response refused =
      web_.answer(web_.post("tasks/1/edit", form("Title=Totals&Queue=a/b&Priority=77&m.to=ada")));
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, AllOf(HasSubstr(R"(id="e-Queue")"), HasSubstr(R"(id="e-Priority")")));
  EXPECT_EQ(task().title, "Sums");
}

TEST_F(WebEdit, WhatRunsOrHasEndedIsRefusedWithAWord) {
  task().nextRunOn.reset();
  task().lastStatus = RunStatus::Success;
  EXPECT_THAT(web_.answer(web_.get("tasks/1/edit")).body, HasSubstr("Only a task that waits can be changed"));
  EXPECT_EQ(patch(R"({"Priority":1})").status, 409);
  task().lastStatus = RunStatus::Running;
  addRun(web_.store(), id_, RunStatus::Running, "");
  const Response running = patch(R"({"Priority":1})");
  EXPECT_EQ(running.status, 409);
  EXPECT_THAT(running.body, HasSubstr("The task is running"));
  EXPECT_EQ(web_.answer(web_.callApi("PATCH", "api/v1/tasks/4711", "{}")).status, 404);
}

TEST_F(WebEdit, TheApiChangesOnlyWhatItNamesAndOnlyFromTheVersionThatItNames) {
  const std::string version = versionOf(task());
  EXPECT_THAT(web_.answer(web_.callApi("GET", "api/v1/tasks/1")).body, HasSubstr(version));
  EXPECT_EQ(patch(R"({"Priority":1,"Version":")" + version + R"("})").status, 200);
  EXPECT_EQ(task().priority, 1);
  EXPECT_EQ(task().title, "Sums");
  EXPECT_EQ(patch(R"({"Priority":2,"Version":")" + version + R"("})").status, 409);
  EXPECT_EQ(task().priority, 1);
  EXPECT_EQ(patch(R"({"TaskHandlerClass":"Other"})").status, 422);
  EXPECT_EQ(patch(R"({"Priority":"high"})").status, 422);
  EXPECT_EQ(patch(R"({"Priority":null})").status, 422);
  EXPECT_EQ(patch("{").status, 400);
}

TEST_F(WebEdit, FewerTriesThanItHasFailedAreRefused) {
  task().taskRunsFailed = 3;
  const Response refused = patch(R"({"MaxRetries":3})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("more than the 3 failed runs"));
  EXPECT_EQ(patch(R"({"MaxRetries":4})").status, 200);
}

}  // namespace
}  // namespace taskqueue::web::tests
