// What the forms of the pages ask before an action, and what they answer after it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/web/form.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class WebActions : public ::testing::Test {
 protected:
  int addTask(RunStatus status, const std::string& title = "", const std::string& queue = "default") {
    const bool ended = status != RunStatus::Scheduled && status != RunStatus::Running;
    const int id =
        web_.store().tables.insertRow({.taskHandlerClass = "Echo", .queue = queue, .title = title});
    Task& task = web_.store().tables.tasks.at(id).task;
    task.lastStatus = status;
    if (ended || status == RunStatus::Running) task.nextRunOn.reset();
    if (status != RunStatus::Scheduled) addRun(web_.store(), id, status, "");
    return id;
  }
  const Task& task(int id) { return web_.store().tables.tasks.at(id).task; }
  // Sends a form and follows its redirect as a browser does, with the cookie that came.
  std::string pageAfter(const std::string& target, const std::string& form = "",
                        const std::string& role = "admin") {
    const Response response = web_.answer(web_.post(target, form, role));
    if (response.status != 303) return response.body;
    Request next;
    for (const auto& [name, value] : response.headers) {
      if (name == "Location") next = web_.get(value.substr(web_.configuration().web.basePath.size()), role);
    }
    for (const auto& [name, value] : response.headers)
      if (name == "Set-Cookie") next.cookies = value.substr(0, value.find(';'));
    lastRequest_ = next;
    return web_.answer(next).body;
  }
  std::string page(const std::string& target) { return web_.answer(web_.get(target)).body; }

  WebUnderTest web_;
  Request lastRequest_;
};

TEST_F(WebActions, ABulkActionSaysHowManyOfTheTasksItWillChangeAndWhich) {
  for (int i = 0; i < 84; ++i) addTask(RunStatus::Success, "Ilves " + std::to_string(i));
  addTask(RunStatus::Scheduled, "Ilves waits");
  const std::string question = page("tasks");
  const Response asked = web_.answer(web_.post("tasks/bulk", "action=cancel-all&filter=q%3DIlves"));
  EXPECT_THAT(asked.body, AllOf(HasSubstr("1 of 85 tasks can be cancelled."),
                                HasSubstr("84 have ended and stay as they are."), HasSubstr("Ilves waits"),
                                Not(HasSubstr("Ilves 7</li>"))));
  EXPECT_THAT(asked.body, AllOf(HasSubstr("Title contains"), HasSubstr("<dd>Ilves</dd>"),
                                Not(HasSubstr("<code>q=Ilves"))))
      << "the filter is said in words";
  EXPECT_THAT(asked.body, HasSubstr(R"(<button class="danger">Yes, cancel 1</button>)"));
  EXPECT_THAT(asked.body, HasSubstr("autofocus>No, go back</a>")) << "Enter goes back";
}

TEST_F(WebActions, ABulkActionThatWouldChangeNothingHasNoButton) {
  addTask(RunStatus::Success, "done");
  const Response asked = web_.answer(web_.post("tasks/bulk", "action=cancel&task=1"));
  EXPECT_THAT(asked.body, AllOf(HasSubstr("0 of 1 tasks can be cancelled."), Not(HasSubstr("Yes, cancel"))));
}

TEST_F(WebActions, ARetryOfAllNamesThoseThatAreRetriedByThemselves) {
  addTask(RunStatus::Error);
  const int retried = addTask(RunStatus::Error);
  web_.store().tables.tasks.at(retried).task.nextRunOn = web_.store().clock.now() + 60;
  const Response asked =
      web_.answer(web_.post("tasks/bulk", "action=retry-all&filter=TaskHandlerClass%3DEcho"));
  EXPECT_THAT(asked.body, AllOf(HasSubstr("2 of 2 tasks can be retried."),
                                HasSubstr("1 waits or is retried automatically")));
}

TEST_F(WebActions, WhatHasSucceededRunsAgainOnlyAfterAQuestion) {
  const int id = addTask(RunStatus::Success, "Invoice 7");
  const std::string target = "tasks/" + std::to_string(id) + "/retry";
  EXPECT_THAT(page("tasks/1"),
              AllOf(HasSubstr("Run again…"), Not(HasSubstr(R"(class="primary" data-tool)"))));
  const Response asked = web_.answer(web_.post(target));
  EXPECT_EQ(asked.status, 200);
  EXPECT_THAT(asked.body, AllOf(HasSubstr("Run it again?"), HasSubstr("Invoice 7")));
  EXPECT_EQ(task(id).lastStatus, RunStatus::Success);
  EXPECT_THAT(pageAfter(target, "confirmed=1&Was=success"), HasSubstr("Task 1 runs again."));
  EXPECT_EQ(task(id).lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(web_.answer(web_.post(target, "confirmed=1&Was=success")).status, 409)
      << "a second press of the same button";
}

TEST_F(WebActions, ACancelOfAWaitingTaskCanBeUndoneAndKeepsItsTime) {
  const UnixSeconds due = web_.store().clock.now() + 7200;
  const int id =
      web_.store().tables.insertRow({.taskHandlerClass = "Echo", .scheduledOn = due, .nextRunOn = due});
  const std::string after = pageAfter("tasks/1/cancel");
  EXPECT_THAT(after, AllOf(HasSubstr("Task 1 was cancelled."), HasSubstr(">Undo</button>")));
  EXPECT_EQ(task(id).lastStatus, RunStatus::Cancelled);
  EXPECT_THAT(pageAfter("tasks/1/retry", "Was=cancelled&back=tasks%2F1"),
              HasSubstr("Task 1 waits for its time again."));
  EXPECT_EQ(task(id).nextRunOn, due);
  EXPECT_EQ(web_.answer(web_.post("tasks/1/retry", "Was=cancelled")).status, 409) << "it is undone already";
}

TEST_F(WebActions, AFlashLineIsShownOnceAndOnlyIfItIsOurs) {
  addTask(RunStatus::Scheduled);
  EXPECT_THAT(pageAfter("queues/default/pause"),
              AllOf(HasSubstr("The queue default is paused."), HasSubstr("queues/default/resume")));
  const Response shown = web_.answer(lastRequest_);
  EXPECT_THAT(shown.headers, ::testing::Contains(::testing::Pair("Set-Cookie", HasSubstr("Max-Age=0"))));
  Request forged = lastRequest_;
  forged.cookies = "taskqueue_flash=queue-paused!everything!00000000000000000000000000000000";
  EXPECT_THAT(web_.answer(forged).body, Not(HasSubstr("everything")));
  Request ofAnother = lastRequest_;
  ofAnother.user = "bob";
  EXPECT_THAT(web_.answer(ofAnother).body, Not(HasSubstr("The queue default is paused.")));
  Request live = lastRequest_;
  live.view.live = true;
  EXPECT_THAT(pageAfter("queues/default/resume"), HasSubstr("works again"));
}

TEST_F(WebActions, AStopIsSaidOnItsButtonWithTheTimeThatIsLeft) {
  const int id = addTask(RunStatus::Running);
  EXPECT_THAT(page("tasks/1"), HasSubstr(R"(<button data-tool="cancel" class="danger">Cancel)"));
  EXPECT_THAT(pageAfter("tasks/1/cancel"),
              AllOf(HasSubstr("Task 1 was asked to stop."), HasSubstr("disabled>Stopping, killed in 5 s<"),
                    Not(HasSubstr("tasks/1/cancel"))));
  web_.store().tables.now += 9;
  EXPECT_THAT(page("tasks/" + std::to_string(id)), HasSubstr("disabled>Stopping, being killed<"));
}

TEST_F(WebActions, AllQueuesArePausedWithAReasonAndAnEndAndResumedFromThePageOfATask) {
  addTask(RunStatus::Scheduled);
  web_.store().tables.insertRow({.taskHandlerClass = "Echo", .nextRunOn = web_.store().clock.now()});
  EXPECT_THAT(pageAfter("pause", "Reason=new+release&Seconds=900"),
              AllOf(HasSubstr("All queues are paused. What runs goes on."), HasSubstr("new release"),
                    HasSubstr("Resume all queues"), Not(HasSubstr("Pause all queues"))));
  const auto pauses = web_.store().handlers.findPauses();
  ASSERT_EQ(pauses.size(), 1U);
  EXPECT_EQ(pauses[0].terms.pausedUntil, web_.store().clock.now() + 900);
  EXPECT_THAT(page("tasks/1"),
              AllOf(HasSubstr("All queues are paused."), HasSubstr("action=\"/taskqueue/resume\"")));
  EXPECT_THAT(page("health"), HasSubstr("(new release) until"));
  EXPECT_THAT(pageAfter("resume"), AllOf(HasSubstr("All queues work again."), HasSubstr("Pause all queues")));
  EXPECT_EQ(web_.answer(web_.post("pause", "Reason=a%0Ab&Seconds=")).status, 422);
  EXPECT_EQ(web_.answer(web_.post("pause", "Reason=&Seconds=0")).status, 422);
  EXPECT_THAT(web_.store().handlers.findPauses(), ::testing::IsEmpty());
}

TEST_F(WebActions, ATaskOfAPausedQueueHasAButtonToResumeAndNoCommand) {
  addTask(RunStatus::Scheduled);
  web_.store().handlers.setPaused(PauseKind::Queue, "default", true, 0);
  EXPECT_THAT(page("tasks/1"), AllOf(HasSubstr("queues/default/resume"), Not(HasSubstr("taskqueue resume")),
                                     HasSubstr("cannot be made due")));
  EXPECT_THAT(pageAfter("queues/default/resume", "back=tasks%2F1"),
              AllOf(HasSubstr("The queue default works again."), HasSubstr(R"(id="task-head")")));
  EXPECT_THAT(web_.answer(web_.get("tasks/1", "viewer")).body, Not(HasSubstr("/resume")));
}

TEST_F(WebActions, ARunThatNeverBeganIsNoAttempt) {
  const int id = addTask(RunStatus::Scheduled);
  web_.store().maintenance.createRunIfAllowed(id);
  web_.store().tasks.cancelTask(id);
  EXPECT_THAT(page("tasks/1"),
              AllOf(HasSubstr("No run has started yet."), Not(HasSubstr("Log of the last run"))));
}

}  // namespace
}  // namespace taskqueue::web::tests
