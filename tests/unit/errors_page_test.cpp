// The pages Errors and of a handler count whole, link to what they count, and mark groups.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ErrorsPages : public ::testing::Test {
 protected:
  // Adds a task whose newest run failed with this message.
  int fail(const std::string& message, bool isRetried = false) {
    auto& tables = web_.store().tables;
    const int id = tables.insertRow({.taskHandlerClass = "SendMail"});
    Task& task = tables.tasks.at(id).task;
    task.lastStatus = RunStatus::Error;
    task.nextRunOn = isRetried ? std::optional<UnixSeconds>(tables.now + 1000) : std::nullopt;
    addRun(web_.store(), id, RunStatus::Error, message);
    tables.runs.rbegin()->second.run.errorCode = "broke";
    return id;
  }
  void rollUp() {
    web_.store().tables.advance(std::chrono::seconds(200));
    web_.store().statistics.rollUpMinutes(10);
  }
  std::string page(const std::string& target) {
    const Response response = web_.answer(web_.get(target));
    EXPECT_EQ(response.status, 200) << target;
    return response.body;
  }

  WebUnderTest web_;
};

TEST_F(ErrorsPages, ANumberOfTasksOpensThatManyTasks) {
  for (int i = 0; i < 7; ++i) fail("no customer " + std::to_string(i));
  for (int i = 0; i < 2; ++i) fail("no customer " + std::to_string(i), true);
  fail("disk full");
  rollUp();
  const std::string errors = page("errors");
  EXPECT_THAT(errors, AllOf(HasSubstr("no customer #"), HasSubstr("9 failed runs"), HasSubstr("2 groups")));
  static const std::regex link(
      R"rx(href="[^"]*(tasks\?State=[a-z]+&amp;ErrorGroup=[0-9]+)">([0-9]+) [a-z]+<)rx");
  static const std::regex row("<tr data-key=");
  std::vector<std::string> numbers;
  for (std::sregex_iterator at(errors.begin(), errors.end(), link); at != std::sregex_iterator(); ++at) {
    const std::string list = page(std::regex_replace((*at)[1].str(), std::regex("&amp;"), "&"));
    const auto rows = std::distance(std::sregex_iterator(list.begin(), list.end(), row), {});
    EXPECT_EQ(std::to_string(rows), (*at)[2].str()) << (*at)[1];
    numbers.push_back((*at)[2].str());
  }
  EXPECT_THAT(numbers, ::testing::ElementsAre("7", "2", "1"));
}

TEST_F(ErrorsPages, AGroupIsMarkedByOperatorsAndFoundByItsState) {
  fail("disk full");
  rollUp();
  EXPECT_EQ(web_.answer(web_.post("errors/1/state", "state=muted", "viewer")).status, 403);
  EXPECT_EQ(web_.answer(web_.post("errors/1/state", "state=gone")).status, 422);
  EXPECT_EQ(web_.answer(web_.post("errors/9/state", "state=muted")).status, 404);
  EXPECT_EQ(web_.answer(web_.post("errors/1/state", "state=muted", "operator")).status, 303);
  EXPECT_THAT(page("errors?state=muted"), HasSubstr("disk full"));
  EXPECT_THAT(page("errors?state=new"), Not(HasSubstr("disk full")));
  EXPECT_THAT(web_.answer(web_.get("errors", "viewer")).body, Not(HasSubstr("errors/1/state")));
}

TEST_F(ErrorsPages, AGroupIsRetriedByTheUsualConfirmation) {
  fail("disk full");
  rollUp();
  EXPECT_THAT(page("errors"), HasSubstr(R"(value="State=failed&amp;ErrorGroup=1")"));
  const Response question =
      web_.answer(web_.post("tasks/bulk", "action=retry-all&filter=State%3Dfailed%26ErrorGroup%3D1"));
  EXPECT_THAT(question.body, HasSubstr("1 of 1 tasks can be retried."));
}

TEST_F(ErrorsPages, AHandlerIsComparedWithTheSpanBefore) {
  fail("disk full");
  rollUp();
  const std::string handler = page("handlers/SendMail");
  EXPECT_THAT(handler,
              AllOf(HasSubstr("disk full"), HasSubstr("tasks?State=failed&amp;TaskHandlerClass=SendMail"),
                    HasSubstr("errors/1/state")));
  EXPECT_EQ(web_.answer(web_.get("handlers/NoSuch")).status, 404);
  for (const std::string target :
       {"errors?span=hour", "handlers/SendMail?span=", "errors?state=odd", "errors?x=1"})
    EXPECT_EQ(web_.answer(web_.get(target)).status, 400) << target;
}

TEST_F(ErrorsPages, TheNumberOfProblemsStandsOnEveryPageAndTheWorstIsFirst) {
  web_.store().handlers.setPaused(PauseKind::Queue, "reports", true, 0);
  EXPECT_THAT(page("tasks"), HasSubstr("class=\"problems\""));
  EXPECT_THAT(page(""), AllOf(HasSubstr("health#check-paused"), Not(HasSubstr("All checks passed"))));
  EXPECT_THAT(web_.answer(web_.get("tasks", "")).body, Not(HasSubstr("class=\"problems\"")));
}

}  // namespace
}  // namespace taskqueue::web::tests
