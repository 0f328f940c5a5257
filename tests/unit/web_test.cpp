// The answers of the web program to operators, on the fake store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/web/api.h"
#include "module/web/metrics.h"
#include "tests/support/fake_store.h"

namespace taskqueue::web {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

class Operations : public ::testing::Test {
 protected:
  Answer send(std::string body) {
    Request request;
    request.parameters["Name"] = "Echo";
    request.body = std::move(body);
    return api_.limitHandler(request);
  }
  Problem findProblem(std::string body) {
    const Answer answer = send(std::move(body));
    const auto* problem = std::get_if<Problem>(&answer);
    return problem == nullptr ? Problem{200, "", "", {}} : *problem;
  }

  platform::Configuration configuration_;
  test_support::FakeStore store_;
  LeaseWatch leaseWatch_{60s};
  TaskQueue queue_{store_.roles(), {}, {}, leaseWatch_, {}};
  Api api_{
      {store_.roles(), queue_, configuration_, [] { return std::nullopt; }, [](std::span<const int>) {}}};
};

TEST_F(Operations, TheLimitOfEachKeyStaysAsItIsWhenItIsLeftOut) {
  EXPECT_TRUE(std::holds_alternative<Response>(send(R"({"MaxRunning":5,"MaxRunningPerKey":2})")));
  EXPECT_TRUE(std::holds_alternative<Response>(send(R"({"MaxRunning":3})")));
  EXPECT_EQ(store_.tables.handlerLimits.at("Echo").maxRunning, 3);
  EXPECT_EQ(store_.tables.handlerLimits.at("Echo").maxRunningPerKey, 2);
}

TEST_F(Operations, ALimitWithoutMaxRunningIsRefusedByThatNameAndChangesNothing) {
  for (const char* body : {R"({"MaxRunningPerKey":2})", "{}", R"({"MaxRunning":"2"})"}) {
    const Problem problem = findProblem(body);
    EXPECT_EQ(problem.status, 422) << body;
    EXPECT_THAT(problem.detail, HasSubstr("MaxRunning must be given")) << body;
  }
  EXPECT_TRUE(store_.tables.handlerLimits.empty());
}

TEST_F(Operations, TheAnswerTellsBothLimitsAndWhetherTheHandlerIsKnown) {
  send(R"({"MaxRunning":5,"MaxRunningPerKey":2})");
  EXPECT_EQ(std::get<Response>(send(R"({"MaxRunning":3})")).body,
            R"({"TaskHandlerClass":"Echo","MaxRunning":3,"MaxRunningPerKey":2,"Known":false})");
  const HandlerDeclaration echo{.taskHandlerClass = "Echo"};
  store_.runners.registerRunner({.queues = {"default"}}, std::span(&echo, 1));
  EXPECT_THAT(std::get<Response>(send(R"({"MaxRunning":3})")).body, HasSubstr(R"("Known":true)"));
}

TEST_F(Operations, APauseOfAQueueThatNobodyServesSaysSo) {
  const auto pause = [this](const std::string& name) {
    Request request;
    request.parameters["Name"] = name;
    return std::get<Response>(api_.pauseQueue(request)).body;
  };
  EXPECT_THAT(pause("slow"), HasSubstr(R"("Changed":true,"Known":false)"));
  EXPECT_EQ(store_.tables.pauses.size(), 1U);
  store_.runners.registerRunner({.queues = {"default", "slow"}}, {});
  EXPECT_THAT(pause("slow"), HasSubstr(R"("Changed":false,"Known":true)"));
  EXPECT_THAT(pause("low"), HasSubstr(R"("Known":false)"));
  Task task;
  task.queue = "low";
  store_.tables.insertRow(task);
  EXPECT_THAT(pause("low"), HasSubstr(R"("Known":true)"));
}

TEST_F(Operations, ARunnerThatRunsIsAskedToDrainOrToStop) {
  Request request;
  request.parameters["Id"] = std::to_string(store_.runners.registerRunner({}, {}));
  EXPECT_EQ(std::get<Response>(api_.drainRunner(request)).status, 202);
  EXPECT_THAT(std::get<Response>(api_.listRunners({})).body, HasSubstr(R"("StopRequestedOn":null)"));
  EXPECT_EQ(std::get<Response>(api_.stopRunner(request)).status, 202);
  EXPECT_THAT(std::get<Response>(api_.listRunners({})).body, Not(HasSubstr(R"("StopRequestedOn":null)")));
  request.parameters["Id"] = "4711";
  EXPECT_EQ(std::get<Problem>(api_.drainRunner(request)).status, 409);
  EXPECT_EQ(std::get<Problem>(api_.stopRunner(request)).status, 409);
  request.parameters["Id"] = "one";
  EXPECT_EQ(std::get<Problem>(api_.stopRunner(request)).status, 404);
}

TEST_F(Operations, ABulkOrderWithoutAFilterIsToldWhatToGive) {
  const Answer cancel = api_.cancelTasks({});
  EXPECT_THAT(std::get<Problem>(cancel).detail, HasSubstr("?TaskHandlerClass="));
  Request some;
  some.query["Queue"] = "default";
  EXPECT_THAT(std::get<Problem>(api_.retryTasks(some)).detail, HasSubstr("LastStatus must be given"));
}

TEST_F(Operations, WhatAHandlerDoesNotDeclareIsNull) {
  const HandlerDeclaration echo{.taskHandlerClass = "Echo"};
  store_.runners.registerRunner({.queues = {"default"}}, std::span(&echo, 1));
  const std::string body = std::get<Response>(api_.listHandlers({})).body;
  EXPECT_THAT(body, HasSubstr(R"("TimeLimitSeconds":null,"MaxRetries":null)"));
  EXPECT_THAT(body, HasSubstr(R"("Queue":null)"));
}

TEST_F(Operations, MetricsTellWhatWaitsWhoLivesAndWhatWasRefused) {
  const HandlerDeclaration echo{.taskHandlerClass = "Echo"};
  const int runner = store_.runners.registerRunner({.queues = {"default"}}, std::span(&echo, 1));
  store_.tasks.insertTasks(std::vector<NewTask>(3, {.taskHandlerClass = "Echo"}), {});
  const auto claimed =
      store_.runners
          .sync({.taskRunnerId = runner, .claimLimit = 1, .queues = {"default"}, .handlers = {"Echo"}})
          .claimed;
  ASSERT_EQ(claimed.size(), 1U);
  SyncRequest stale{.taskRunnerId = runner};
  stale.ends.push_back({.owned = {claimed[0].owned.runId, claimed[0].owned.taskQueueId, "another token"}});
  store_.runners.sync(stale);
  store_.maintenance.markOverseer();
  store_.tables.advance(90s);
  const Response response = std::get<Response>(api_.metrics({}));
  EXPECT_THAT(response.contentType, HasSubstr("text/plain; version=0.0.4"));
  for (const char* line :
       {"taskqueue_tasks{status=\"waiting\"} 2\n", "taskqueue_tasks{status=\"running\"} 1\n",
        "taskqueue_oldest_wait_seconds 90\n", "taskqueue_runners_alive 1\n", "taskqueue_runners_expected 2\n",
        "taskqueue_overseer_age_seconds 90\n", "# TYPE taskqueue_refused_writes_total counter\n",
        "taskqueue_refused_writes_total 1\n", "taskqueue_rescued_runs_total 0\n"}) {
    EXPECT_THAT(response.body, HasSubstr(line));
  }
}

TEST_F(Operations, MetricsHoldNoControlCharacters) {
  const health::HealthCheck check{.name = "handler",
                                  .state = health::Health::Failed,
                                  .subject = "\x1B[2J\n\"a\\b\"\xFF\xE2\x80\xAE",
                                  .count = 7};
  EXPECT_THAT(
      metricsText(store_.roles(), {check}),
      HasSubstr(R"(taskqueue_health_count{check="handler",subject="\\x1B[2J\\n\"a\\b\"\\xFF\\u{202E}"} 7)"
                "\n"));
}

TEST_F(Operations, AnEventOfARowNeedsItsIdAndSaysWhatItDid) {
  const auto raise = [this](const std::string& event, std::map<std::string, std::string> query) {
    Request request;
    request.path = {"events", event};
    request.query = std::move(query);
    return api_.raiseEvent(request);
  };
  const int id =
      store_.tasks.insertTasks(std::vector<NewTask>{{.taskHandlerClass = "Echo"}}, {}).tasks.at(0).id;
  const std::string event = "task-run:OnAfterItemUpdate";
  EXPECT_EQ(std::get<Response>(raise(event, {{"Id", std::to_string(id)}})).body, R"({"Recounted":true})");
  EXPECT_EQ(std::get<Response>(raise(event, {{"Id", "4711"}})).body, R"({"Recounted":false})");
  EXPECT_THAT(std::get<Problem>(raise(event, {})).detail, HasSubstr("Id must be given"));
  EXPECT_THAT(std::get<Problem>(raise(event, {{"Id", "x"}})).detail, HasSubstr("Id must be given"));
  EXPECT_EQ(std::get<Problem>(raise(event, {{"Ids", "1"}})).status, 400);
  EXPECT_THAT(std::get<Response>(raise("task-run:OnBeforeItemCreate", {{"Id", std::to_string(id)}})).body,
              HasSubstr(R"("Attempt":1)"));
  EXPECT_EQ(std::get<Problem>(raise("task-run:OnBeforeItemCreate", {{"Id", "4711"}})).status, 404);
  EXPECT_EQ(std::get<Response>(raise("task-queue:OnCreateTaskRuns", {})).body, R"({"CreatedTaskRuns":1})");
  EXPECT_EQ(std::get<Problem>(raise("task-run:OnBeforeItemCreate", {{"Id", std::to_string(id)}})).status,
            409);
  EXPECT_EQ(std::get<Response>(raise("task-queue:OnCountTaskRunners", {})).body,
            R"({"TaskRunners":0,"TaskRunnerLimit":2,"MissingTaskRunners":2})");
  EXPECT_EQ(std::get<Problem>(raise("task-queue:OnCheckTaskHandler", {{"TaskHandlerClass", "Echo"}})).status,
            404);
}

}  // namespace
}  // namespace taskqueue::web
