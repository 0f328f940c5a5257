// External interfaces: HTTP, the pages, the events, plain SQL.
#include "tests/integration/stack_test.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <thread>

namespace taskqueue::tests {
namespace {

TEST_F(StackTest, AnEnqueuedTaskRunsAndShowsItsOutput) {
  const int id = stack().enqueue("Echo", R"({"message":"hello <b>","sleep":1,"steps":5})");
  EXPECT_EQ(stack().finalStatus(id), "success");
  const auto run = stack().newestRun(id);
  EXPECT_EQ(run["PercentsCompleted"].GetInt(), 100);
  EXPECT_STREQ(run["Results"]["message"].GetString(), "hello <b>");
  const std::string runId = std::to_string(run["Id"].GetInt());
  EXPECT_STREQ(stack().api("GET", "runs/" + runId + "/output?stream=stdout").json["Content"].GetString(),
               "hello <b>\n");
  const auto page = stack().page("/runs/" + runId);
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("hello &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.body.find("hello <b>"), std::string::npos);
  EXPECT_EQ(stack().page("/tasks?State=succeeded&TaskHandlerClass=Echo").status, 200);
  EXPECT_EQ(stack().page("/tasks/" + std::to_string(id)).status, 200);
  EXPECT_EQ(stack().page("/runners").status, 200);
}

TEST_F(StackTest, AMissingOrWrongSecretChangesNothing) {
  const auto before = stack().count("{TaskQueue}");
  const std::string task = R"({"TaskHandlerClass":"Noop"})";
  const std::string type = "Content-Type: application/json";
  EXPECT_EQ(stack().request("POST", "/api/v1/tasks", task, {type}).status, 401);
  EXPECT_EQ(stack().request("POST", "/api/v1/tasks", task, {type, "Authorization: Bearer wrong"}).status,
            401);
  EXPECT_EQ(stack()
                .request("POST", "/api/v1/tasks", task,
                         {type, "Authorization: Bearer " + stack().setting("EVENT_SECRET")})
                .status,
            401);
  EXPECT_EQ(
      stack()
          .request("POST", "/api/v1/tasks", task, {type, "TASKQUEUE_USER: admin", "Taskqueue-User: admin"})
          .status,
      401);
  EXPECT_EQ(stack().request("POST", "/events/task-queue:OnProcess").status, 401);
  EXPECT_EQ(stack().request("GET", "/tasks").status, 401);
  EXPECT_EQ(stack().count("{TaskQueue}"), before);
}

TEST_F(StackTest, BadInputIsNamedAndChangesNothing) {
  const auto before = stack().count("{TaskQueue}");
  const auto status = [](const std::string& body) { return stack().api("POST", "tasks", body).status; };
  EXPECT_EQ(status("{"), 400);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Noop","TaskHandlerClass":"Noop"})"), 400);
  EXPECT_EQ(status(std::string(100000, '[')), 413);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Noop","TaskData":{"a":")" + std::string(2 << 20, 'x') + "\"}}"),
            422);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Nope"})"), 422);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Echo","TaskData":{"sleep":-1}})"), 422);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Noop","ScheduledOn":-5})"), 422);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Noop","MaxRetries":-1})"), 422);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Noop","Priority":99999999999})"), 422);
  EXPECT_EQ(status(R"([{"TaskHandlerClass":"Noop"},{"TaskHandlerClass":"Nope"}])"), 422);
  const auto named =
      stack().api("POST", "tasks", R"([{"TaskHandlerClass":"Noop"},{"TaskHandlerClass":"Noop","Colour":1}])");
  EXPECT_STREQ(named.json["errors"][0]["pointer"].GetString(), "/1/Colour");
  for (const char* id : {"-1", "0", "2147483648", "9223372036854775808", "x", "1e3"}) {
    EXPECT_EQ(stack().api("GET", std::string("tasks/") + id).status, 404) << id;
  }
  EXPECT_EQ(stack().api("GET", "tasks?LastStatus=odd").status, 400);
  EXPECT_EQ(stack().api("GET", "tasks?q=%FF").status, 400);
  EXPECT_EQ(stack().api("POST", "handlers/%FF/pause").status, 400);
  EXPECT_EQ(stack().api("POST", "handlers/%FF/limit", R"({"MaxRunning":1})").status, 400);
  EXPECT_EQ(stack().page("/tasks?q=%FF").status, 400);
  for (const char* query : {"TaskHandlerClass=App\\X", "q=a|b", "q=%zz", "limit=1&limit=1", "Colour=red"}) {
    EXPECT_EQ(stack().api("GET", std::string("tasks?") + query).status, 400) << query;
    EXPECT_EQ(stack().page(std::string("/tasks?") + query).status, 400) << query;
  }
  EXPECT_EQ(stack().api("POST", "tasks/cancel?LastStatus=scheduled&Queue=").status, 422);
  EXPECT_EQ(stack().api("POST", "tasks/cancel?LastStatus=scheduled", R"({"Queue":"a"})").status, 422);
  EXPECT_EQ(status(R"({"TaskHandlerClass":"Noop","Queue":".."})"), 422);
  EXPECT_EQ(stack().api("DELETE", "tasks").status, 405);
  EXPECT_EQ(stack().count("{TaskQueue}"), before);
}

TEST_F(StackTest, TheSameIdempotencyKeyMakesOneTask) {
  const std::vector<std::string> headers{"Authorization: Bearer " + stack().setting("API_TOKEN"),
                                         "Content-Type: application/json", "Idempotency-Key: one"};
  const std::string body = R"({"TaskHandlerClass":"Noop"})";
  const auto first = stack().request("POST", "/api/v1/tasks", body, headers);
  const auto second = stack().request("POST", "/api/v1/tasks", body, headers);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);  // the stored first answer, whatever happened to the task
  EXPECT_EQ(stack().request("POST", "/api/v1/tasks", R"({"TaskHandlerClass":"Echo"})", headers).status, 422);
}

TEST_F(StackTest, AFormFromElsewhereIsRefused) {
  const int id = stack().enqueue("Echo", R"({"sleep":1})", 1);
  const std::string form =
      std::string("curl -s -o /dev/null -w '%{http_code}' -u ") + stack().setting("ADMIN_USER") + ":" +
      stack().setting("ADMIN_PASSWORD") + " -X POST -d form_token=x -H 'Sec-Fetch-Site: cross-site' " +
      stack().setting("BASE_URL") + "/tasks/" + std::to_string(id) + "/cancel | grep -q 403";
  EXPECT_EQ(std::system(form.c_str()), 0);
  EXPECT_EQ(stack().finalStatus(id), "success");
}

TEST_F(StackTest, TheButtonsOfThePagesCancelAndRetry) {
  const int id = stack().enqueue("Echo", R"({"sleep":60})", 1);
  ASSERT_TRUE(eventually([&] { return stack().lastStatus(id) == "running"; }, 10s));
  const std::string page = "/tasks/" + std::to_string(id);
  EXPECT_EQ(stack().press(page, "cancel").status, 303);
  EXPECT_EQ(stack().finalStatus(id), "cancelled");
  EXPECT_EQ(stack().press(page, "retry").status, 303);
  EXPECT_TRUE(eventually([&] { return stack().lastStatus(id) == "running"; }, 10s));
  EXPECT_EQ(stack().press(page, "cancel").status, 303);
  EXPECT_EQ(stack().finalStatus(id), "cancelled");
}

TEST_F(StackTest, QueuesAndHandlersArePausedAndATaskSaysWhyItWaits) {
  const auto why = [](int id) {
    const auto answer = stack().api("GET", "tasks/" + std::to_string(id));
    if (answer.status != 200 || !answer.json["WaitReason"].IsObject()) return std::string();
    return std::string(answer.json["WaitReason"]["Code"].GetString());
  };
  EXPECT_TRUE(stack().api("POST", "queues/default/pause").json["Changed"].GetBool());
  EXPECT_FALSE(stack().api("POST", "queues/default/pause").json["Changed"].GetBool());
  const int first = stack().enqueue("Noop", "{}");
  EXPECT_EQ(why(first), "queue_paused");
  EXPECT_NE(stack().page("/tasks/" + std::to_string(first)).body.find("The queue default is paused."),
            std::string::npos);
  EXPECT_EQ(stack().api("GET", "pauses").json["Pauses"].Size(), 1U);
  EXPECT_EQ(stack().commandLine("resume queue default").output, "queue default is now resumed\n");
  EXPECT_EQ(stack().finalStatus(first), "success");
  EXPECT_EQ(why(first), "");

  EXPECT_EQ(stack().commandLine("pause handler Noop").output, "handler Noop is now paused\n");
  const int second = stack().enqueue("Noop", "{}");
  EXPECT_EQ(stack().finalStatus(stack().enqueue("Echo", "{}")), "success");
  EXPECT_EQ(why(second), "handler_paused");
  EXPECT_EQ(stack().api("POST", "handlers/Noop/resume").status, 200);
  EXPECT_EQ(stack().finalStatus(second), "success");
  EXPECT_EQ(stack().api("POST", "queues/no%20queue/pause").status, 422);
}

TEST_F(StackTest, NoMoreTasksOfAHandlerRunAtOnceThanItsLimitOverAllRunners) {
  EXPECT_EQ(stack().api("POST", "handlers/Shell/limit", R"({"MaxRunning":1})").status, 200);
  EXPECT_EQ(stack().api("POST", "handlers/Shell/limit", R"({"MaxRunning":-1})").status, 422);
  EXPECT_EQ(stack().api("POST", "handlers/Shell/limit", "{}").status, 422);
  std::filesystem::remove("/tmp/taskqueue-overlap");
  writeScript(
      "shell.sh",
      "mkdir /tmp/taskqueue-alone || touch /tmp/taskqueue-overlap\nsleep 0.2\nrmdir /tmp/taskqueue-alone\n");
  std::vector<int> ids;
  for (int i = 0; i < 8; ++i) ids.push_back(stack().enqueue("Shell", "{}", 1));
  for (const int id : ids) EXPECT_EQ(stack().finalStatus(id), "success");
  EXPECT_FALSE(std::filesystem::exists("/tmp/taskqueue-overlap"));
  EXPECT_EQ(stack().commandLine("limit Shell 0").exitStatus, 0);
}

TEST_F(StackTest, TheScheduledTaskEndpointsAnswerWhatTheyDid) {
  const auto pass = stack().event("task-queue:OnProcess");
  EXPECT_EQ(pass.status, 200);
  EXPECT_TRUE(pass.json.HasMember("CreatedTaskRuns"));
  const auto debug = stack().event("task-queue:OnDebug");
  EXPECT_EQ(debug.status, 200) << debug.body;
  EXPECT_TRUE(debug.json.HasMember("TaskRunnerId"));
  EXPECT_TRUE(debug.json.HasMember("Succeeded"));
}

TEST_F(StackTest, DataThatCameBySqlAndDoesNotFitEndsItsTaskWithAName) {
  auto& database = stack().database();
  const auto insert = [&](const std::string& data) {
    database.executeText("INSERT INTO " + database.names().prefix() +
                             "TaskQueue (TaskHandlerClass, TaskData) VALUES ('Echo', ?)",
                         {data});
    return static_cast<int>(database.queryText("SELECT LAST_INSERT_ID()", {}).at(0).integer());
  };
  for (const auto& [data, named] : std::map<std::string, std::string>{
           {R"({"sleep":-1})", "TaskData/sleep"}, {"[]", "JSON object"}, {"{", "TaskData"}}) {
    const int id = insert(data);
    EXPECT_EQ(stack().finalStatus(id), "error");
    const auto run = stack().newestRun(id);
    EXPECT_STREQ(run["ErrorCode"].GetString(), "task_data");
    EXPECT_NE(std::string(run["ErrorMessage"].GetString()).find(named), std::string::npos)
        << run["ErrorMessage"].GetString();
    EXPECT_EQ(run["Attempt"].GetInt(), 1);
  }
}

TEST_F(StackTest, ATaskInsertedBySqlRunsAfterCommitAndNeverBefore) {
  auto& database = stack().database();
  const std::string text =
      "INSERT INTO " + database.names().prefix() +
      "TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, LastStatus, MaxRetries, "
      "TaskRunsFailed) VALUES ('Echo', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), -1, 'scheduled', 5, 0)";
  int id = 0;
  {
    store::Transaction transaction(database);
    database.executeText(text, {});
    id = static_cast<int>(database.queryText("SELECT LAST_INSERT_ID()", {}).at(0).integer());
    std::this_thread::sleep_for(2s);  // time for a runner to make a mistake
    EXPECT_EQ(stack().api("GET", "tasks/" + std::to_string(id)).status, 404);
    transaction.commit();
  }
  EXPECT_EQ(stack().finalStatus(id), "success");
  int lost = 0;
  {
    store::Transaction transaction(database);
    database.executeText(text, {});
    lost = static_cast<int>(database.queryText("SELECT LAST_INSERT_ID()", {}).at(0).integer());
  }
  EXPECT_EQ(stack().api("GET", "tasks/" + std::to_string(lost)).status, 404);
}

}  // namespace
}  // namespace taskqueue::tests
