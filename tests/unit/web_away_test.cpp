// Pages, API and events report missing handlers and runners.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "module/queue/waiting.h"
#include "tests/unit/web_under_test.h"

namespace taskqueue::web::tests {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class WebAway : public ::testing::Test {
 protected:
  WebAway() {
    const HandlerDeclaration away{.taskHandlerClass = "Away", .kind = "php"};
    const int gone = store().runners.registerRunner({.queues = {"default"}}, std::span(&away, 1));
    store().tables.advance(std::chrono::seconds(50));
    store().runners.endRunner(gone);
    since_ = utcText(store().clock.now());
    store().tables.advance(std::chrono::seconds(50));
    runner_ = store().runners.registerRunner({.queues = {"default"}}, {});
  }

  test_support::FakeStore& store() { return web_.store(); }
  int parked(const std::string& name) {
    const int id = store().tables.insertRow({.taskHandlerClass = name});
    store().runners.sync({.taskRunnerId = runner_, .claimLimit = 10, .queues = {"default"}, .handlers = {}});
    return id;
  }
  Response event(const std::string& name) {
    Request request = web_.get("events/" + name);
    request.method = "POST";
    request.authorization = "Bearer the event secret";
    return web_.answer(request);
  }
  Response api(const std::string& method, const std::string& path, const std::string& body = "") {
    Request request = web_.get("api/v1/" + path);
    request.method = method;
    request.authorization = "Bearer the api token";
    request.contentType = "application/json";
    request.body = body;
    return web_.answer(request);
  }
  std::string page(const std::string& path, const std::string& role = "admin") {
    return web_.answer(web_.get(path, role)).body;
  }

  WebUnderTest web_;
  std::string since_;
  int runner_ = 0;
};

TEST_F(WebAway, APageAndTheApiSaySinceWhenNoRunnerKnowsAHandler) {
  const std::string id = std::to_string(parked("Away"));
  EXPECT_THAT(page("tasks/" + id), HasSubstr("No runner has offered the handler Away since " + since_ + "."));
  EXPECT_THAT(page("tasks/" + id), HasSubstr("page Health lists worker pools"));
  EXPECT_THAT(page("handlers"), HasSubstr("no runner since " + since_));
  EXPECT_THAT(api("GET", "tasks/" + id).body, HasSubstr("No runner knows Away since " + since_ + "."));
  EXPECT_THAT(api("GET", "tasks/" + id).body, HasSubstr("\"Help\":\"See taskqueue health"));
  EXPECT_THAT(api("GET", "handlers").body,
              HasSubstr("\"LiveRunners\":0,\"OfferedUntil\":" + std::to_string(store().clock.now() - 50)));
  const std::string never = std::to_string(parked("Never"));
  EXPECT_THAT(page("tasks/" + never), HasSubstr("No runner has ever offered the handler Never."));
}

TEST_F(WebAway, ATaskOfAHandlerThatIsAwayIsEnqueuedOverTheApi) {
  EXPECT_EQ(api("POST", "tasks", R"({"TaskHandlerClass":"Away"})").status, 201);
  const Response refused = api("POST", "tasks", R"({"TaskHandlerClass":"Never"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_THAT(refused.body, HasSubstr("no runner has announced the handler 'Never' so far"));
}

TEST_F(WebAway, TheEventsStartNoRunnerWhereTaskRunnerLimitIsReachedAndSayWhy) {
  for (const char* name : {"task-queue:OnCreateTaskRunners", "task-runner:OnProcess"}) {
    store().tables.oddRunnerLimit.reset();
    store().tables.runnerLimit = 2;
    EXPECT_THAT(event(name).body, HasSubstr("\"TaskRunnerId\":1")) << name;
    store().tables.runnerLimit = 1;
    EXPECT_EQ(event(name).status, 200) << name;
    EXPECT_THAT(event(name).body, HasSubstr("\"StartedTaskRunners\":0"));
    EXPECT_THAT(event(name).body, HasSubstr("1 runner runs, and TaskRunnerLimit allows 1."));
    store().tables.runnerLimit = 0;
    EXPECT_THAT(event(name).body, HasSubstr("TaskRunnerLimit allows 0"));
    store().tables.oddRunnerLimit = RunnerLimit{.isMissing = true};
    EXPECT_THAT(event(name).body, HasSubstr("is missing and counts as 0"));
    store().tables.oddRunnerLimit = RunnerLimit{.unreadable = "many"};
    EXPECT_THAT(event(name).body, HasSubstr("'many'"));
  }
  EXPECT_THAT(event("task-queue:OnDebug").body, HasSubstr("\"TaskRunnerId\":1")) << "whatever the limit";
}

TEST_F(WebAway, AnAdministratorSetsTaskRunnerLimitAndTheRecordSaysSo) {
  EXPECT_THAT(page("runners"), HasSubstr("name=\"TaskRunnerLimit\""));
  EXPECT_THAT(page("runners", "operator"), Not(HasSubstr("name=\"TaskRunnerLimit\"")));
  EXPECT_EQ(web_.answer(web_.post("runners/limit", "TaskRunnerLimit=3&Shown=2")).status, 303);
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 3);
  const auto entry = store().audit.findAudit(1).at(0);
  EXPECT_EQ(entry.by.source, "pages");
  EXPECT_EQ(entry.subject + ": " + entry.detail, "TaskRunnerLimit: 3; it was 2");

  const Response late = web_.answer(web_.post("runners/limit", "TaskRunnerLimit=4&Shown=2"));
  EXPECT_EQ(late.status, 409);
  EXPECT_THAT(late.body, HasSubstr("is 3 now"));
  for (const char* odd :
       {"TaskRunnerLimit=&Shown=3", "TaskRunnerLimit=x&Shown=3", "TaskRunnerLimit=-1&Shown=3",
        "TaskRunnerLimit=1001&Shown=3", "TaskRunnerLimit=4"}) {
    EXPECT_EQ(web_.answer(web_.post("runners/limit", odd)).status, 422) << odd;
  }
  EXPECT_EQ(web_.answer(web_.post("runners/limit", "TaskRunnerLimit=4&Shown=3", "operator")).status, 403);
  EXPECT_EQ(store().handlers.taskRunnerLimit(), 3);

  store().tables.oddRunnerLimit = RunnerLimit{.unreadable = "<many>"};
  EXPECT_THAT(page("runners"), HasSubstr("counts as 0: &lt;many&gt;"));
  store().tables.oddRunnerLimit = RunnerLimit{.isMissing = true};
  EXPECT_THAT(page("runners"), HasSubstr("is missing and counts as 0"));
}

TEST_F(WebAway, TheApiSetsTaskRunnerLimit) {
  EXPECT_EQ(api("POST", "runners/limit", R"({"TaskRunnerLimit":7})").body, "{\"TaskRunnerLimit\":7}");
  EXPECT_THAT(api("GET", "runners").body, HasSubstr("{\"TaskRunnerLimit\":7,"));
  EXPECT_EQ(store().audit.findAudit(1).at(0).by.source, "api");
  EXPECT_EQ(api("POST", "runners/limit", R"({"TaskRunnerLimit":"7"})").status, 422);
  EXPECT_EQ(api("POST", "runners/limit", R"({"TaskRunnerLimit":1001})").status, 422);
  EXPECT_EQ(api("POST", "runners/limit", R"({"TaskRunnerLimit":7,"Shown":2})").status, 422);
  EXPECT_EQ(api("POST", "runners/limit", "7").status, 422);
  EXPECT_EQ(api("POST", "runners/limit", "{").status, 400);
}

}  // namespace
}  // namespace taskqueue::web::tests
