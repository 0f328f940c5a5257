// The chain as its users see it: HTTP, SQL, kills.
#include "tests/integration/stack.h"

#include <curl/curl.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <thread>

#include "tests/support/eventually.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::tests {
namespace {

using namespace std::chrono_literals;
using test_support::checkInvariants;
using test_support::eventually;

constexpr const char* kHome = "/srv/taskqueue-test";
constexpr int kPort = 18080;

std::string localSettings() {
  return R"([retry]
delay_seconds=1
[runner]
drain_seconds=1
kill_grace_seconds=1
flush_milliseconds=100
[handler.Shell]
command=/srv/taskqueue-test/shell.sh
[handler.Stubborn]
command=/srv/taskqueue-test/stubborn.sh
[handler.Missing]
command=/srv/taskqueue-test/missing.sh
[handler.NotExecutable]
command=/srv/taskqueue-test/local.ini
[handler.Odd]
command=/srv/taskqueue-test/odd.sh
[product_import]
chunk_rows=20
)";
}

std::unique_ptr<Stack> stack;

void script(const std::string& name, const std::string& body) {
  const std::string path = std::string(kHome) + "/" + name;
  std::ofstream(path) << "#!/bin/sh\n" << body;
  std::filesystem::permissions(path, std::filesystem::perms(0755));
}

class StackEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    stack = std::make_unique<Stack>(kHome, kPort, localSettings());
    script("shell.sh",
           "data=$(cat)\necho \"got $data\"\necho oops >&2\n"
           "echo '{\"type\":\"progress\",\"PercentsCompleted\":50,\"ProgressNote\":\"half\"}' >&3\n"
           "echo '{\"type\":\"result\",\"Results\":{\"n\":1}}' >&3\n");
    script("stubborn.sh", "trap '' TERM\nsetsid sleep 300 &\nsleep 300 &\nwhile :; do sleep 1; done\n");
    script("odd.sh", "printf 'a\\000b\\377c\\303'\n");
  }
  void TearDown() override { stack.reset(); }
};

const auto* const environment = ::testing::AddGlobalTestEnvironment(new StackEnvironment);

class StackTest : public ::testing::Test {
 protected:
  void TearDown() override {
    EXPECT_TRUE(eventually(
        [] { return stack->api("GET", "runners").status == 200 && stack->runnerPids().size() >= 2; }, 30s));
    stack->database().close();  // a test may have killed the server under it
    for (const std::string& violation : checkInvariants(stack->database())) ADD_FAILURE() << violation;
  }
};

bool isAlive(int pid) {
  return ::kill(pid, 0) == 0;
}

TEST_F(StackTest, AnEnqueuedTaskRunsAndShowsItsOutput) {
  const int id = stack->enqueue("Echo", R"({"message":"hello <b>","sleep":1,"steps":5})");
  EXPECT_EQ(stack->finalStatus(id), "success");
  const auto run = stack->newestRun(id);
  EXPECT_EQ(run["PercentsCompleted"].GetInt(), 100);
  EXPECT_STREQ(run["Results"]["message"].GetString(), "hello <b>");
  const std::string runId = std::to_string(run["Id"].GetInt());
  EXPECT_STREQ(stack->api("GET", "runs/" + runId + "/output?stream=stdout").json["Content"].GetString(),
               "hello <b>\n");
  const auto page = stack->page("/runs/" + runId);
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("hello &lt;b&gt;"), std::string::npos);
  EXPECT_EQ(page.body.find("hello <b>"), std::string::npos);
  EXPECT_EQ(stack->page("/tasks?LastStatus=success&TaskHandlerClass=Echo").status, 200);
  EXPECT_EQ(stack->page("/tasks/" + std::to_string(id)).status, 200);
  EXPECT_EQ(stack->page("/runners").status, 200);
}

TEST_F(StackTest, AMissingOrWrongSecretChangesNothing) {
  const auto before = stack->count("{TaskQueue}");
  const std::string task = R"({"TaskHandlerClass":"Noop"})";
  const std::string type = "Content-Type: application/json";
  EXPECT_EQ(stack->request("POST", "/api/v1/tasks", task, {type}).status, 401);
  EXPECT_EQ(stack->request("POST", "/api/v1/tasks", task, {type, "Authorization: Bearer wrong"}).status, 401);
  EXPECT_EQ(stack
                ->request("POST", "/api/v1/tasks", task,
                          {type, "Authorization: Bearer " + stack->setting("EVENT_SECRET")})
                .status,
            401);
  EXPECT_EQ(
      stack->request("POST", "/api/v1/tasks", task, {type, "TASKQUEUE_USER: admin", "Taskqueue-User: admin"})
          .status,
      401);
  EXPECT_EQ(stack->request("POST", "/events/task-queue:OnProcess").status, 401);
  EXPECT_EQ(stack->request("GET", "/tasks").status, 401);
  EXPECT_EQ(stack->count("{TaskQueue}"), before);
}

TEST_F(StackTest, BadInputIsNamedAndChangesNothing) {
  const auto before = stack->count("{TaskQueue}");
  const auto status = [](const std::string& body) { return stack->api("POST", "tasks", body).status; };
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
      stack->api("POST", "tasks", R"([{"TaskHandlerClass":"Noop"},{"TaskHandlerClass":"Noop","Colour":1}])");
  EXPECT_STREQ(named.json["errors"][0]["pointer"].GetString(), "/1/Colour");
  for (const char* id : {"-1", "0", "2147483648", "9223372036854775808", "x", "1e3"}) {
    EXPECT_EQ(stack->api("GET", std::string("tasks/") + id).status, 404) << id;
  }
  EXPECT_EQ(stack->api("GET", "tasks?LastStatus=odd").status, 400);
  EXPECT_EQ(stack->api("DELETE", "tasks").status, 405);
  EXPECT_EQ(stack->count("{TaskQueue}"), before);
}

TEST_F(StackTest, AFailingTaskIsTriedAgainUntilMaxRetries) {
  const int id = stack->enqueue("Echo", R"({"fail":"no"})", 2);
  EXPECT_EQ(stack->finalStatus(id), "error");
  const auto answer = stack->api("GET", "tasks/" + std::to_string(id));
  EXPECT_EQ(answer.json["Runs"].Size(), 2U);
  EXPECT_EQ(answer.json["Task"]["TaskRunsFailed"].GetInt(), 2);
  EXPECT_STREQ(answer.json["Runs"][0]["ErrorCode"].GetString(), "echo_failed");
  EXPECT_EQ(stack->api("POST", "tasks/" + std::to_string(id) + "/cancel").status, 409);
  EXPECT_EQ(stack->api("POST", "tasks/" + std::to_string(id) + "/retry").status, 200);
  EXPECT_EQ(stack->finalStatus(id), "error");
  EXPECT_EQ(stack->api("GET", "tasks/" + std::to_string(id)).json["Runs"].Size(), 4U);
}

TEST_F(StackTest, ACrashOfAHandlerEndsItsRunAlone) {
  const int id = stack->enqueue("Echo", R"({"crash":11})", 1);
  EXPECT_EQ(stack->finalStatus(id), "error");
  const auto run = stack->newestRun(id);
  EXPECT_STREQ(run["ErrorCode"].GetString(), "signal");
  EXPECT_EQ(run["ExitSignal"].GetInt(), 11);
}

TEST_F(StackTest, ACommandHandlesATask) {
  const int id = stack->enqueue("Shell", R"({"a":1})", 1);
  EXPECT_EQ(stack->finalStatus(id), "success");
  const auto run = stack->newestRun(id);
  EXPECT_EQ(run["Results"]["n"].GetInt(), 1);
  const std::string output = "runs/" + std::to_string(run["Id"].GetInt()) + "/output?stream=";
  EXPECT_STREQ(stack->api("GET", output + "stdout").json["Content"].GetString(), "got {\"a\":1}\n");
  EXPECT_STREQ(stack->api("GET", output + "stderr").json["Content"].GetString(), "oops\n");
}

TEST_F(StackTest, ACommandThatCannotBeStartedIsAnError) {
  for (const char* name : {"Missing", "NotExecutable"}) {
    const int id = stack->enqueue(name, "{}", 1);
    EXPECT_EQ(stack->finalStatus(id), "error");
    EXPECT_STREQ(stack->newestRun(id)["ErrorCode"].GetString(), "launch_failed");
  }
}

TEST_F(StackTest, OutputThatIsNoTextIsMadeText) {
  const int id = stack->enqueue("Odd", "{}", 1);
  EXPECT_EQ(stack->finalStatus(id), "success");
  const auto output =
      stack->api("GET", "runs/" + std::to_string(stack->newestRun(id)["Id"].GetInt()) + "/output");
  EXPECT_STREQ(output.json["Content"].GetString(),
               "ab\xEF\xBF\xBD"
               "c\xEF\xBF\xBD");
}

TEST_F(StackTest, MuchOutputKeepsHeadAndTailAndTellsWhatIsMissing) {
  const int id = stack->enqueue("Echo", R"({"output":100000000})", 1);
  EXPECT_EQ(stack->finalStatus(id, 120s), "success");
  const auto run = stack->newestRun(id);
  EXPECT_EQ(run["StandardOutputBytes"].GetInt64(), 100000000);
  EXPECT_GT(run["StandardOutputDropped"].GetInt64(), 98000000);
  const std::string output = "runs/" + std::to_string(run["Id"].GetInt()) + "/output?offset=";
  EXPECT_EQ(stack->api("GET", output + "99999999").json["NextOffset"].GetInt64(), 100000000);
  EXPECT_TRUE(stack->api("GET", output + "99999999").json["Complete"].GetBool());
}

TEST_F(StackTest, CancelStopsTheWholeTreeOfAStubbornCommand) {
  const int id = stack->enqueue("Stubborn", "{}", 1);
  ASSERT_TRUE(eventually([&] { return stack->lastStatus(id) == "running"; }, 10s));
  EXPECT_EQ(stack->api("POST", "tasks/" + std::to_string(id) + "/cancel").status, 202);
  EXPECT_EQ(stack->finalStatus(id, 10s), "cancelled");
  EXPECT_TRUE(eventually([] { return std::system("pgrep -f 'slee[p] 300' > /dev/null") != 0; }, 3s));
}

TEST_F(StackTest, AKilledRunnerIsNoticedAndItsTaskTriedAgain) {
  const int id = stack->enqueue("Echo", R"({"sleep":3,"steps":30})");
  ASSERT_TRUE(eventually([&] { return stack->lastStatus(id) == "running"; }, 10s));
  const auto run = stack->newestRun(id);
  const int runnerId = run["TaskRunnerId"].GetInt();
  const auto runners = stack->api("GET", "runners");
  int pid = 0;
  for (const auto& runner : runners.json["Runners"].GetArray()) {
    if (runner["Id"].GetInt() == runnerId) pid = runner["ProcessId"].GetInt();
  }
  ASSERT_GT(pid, 1);
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return stack->lastStatus(id) != "running"; }, 5s));
  EXPECT_EQ(stack->finalStatus(id, 30s), "success");
  const auto runs = stack->api("GET", "tasks/" + std::to_string(id));
  ASSERT_EQ(runs.json["Runs"].Size(), 2U);
  EXPECT_STREQ(runs.json["Runs"][0]["Status"].GetString(), "timeout");
  EXPECT_STREQ(runs.json["Runs"][0]["ErrorCode"].GetString(), "runner_died");
}

TEST_F(StackTest, AStoppedRunnerGivesItsRunBackUnharmed) {
  const int id = stack->enqueue("Echo", R"({"sleep":4,"steps":4})", 1);
  ASSERT_TRUE(eventually([&] { return stack->lastStatus(id) == "running"; }, 10s));
  stack->control("restart task-runner:*");
  EXPECT_EQ(stack->finalStatus(id, 30s), "success");
  const auto answer = stack->api("GET", "tasks/" + std::to_string(id));
  EXPECT_EQ(answer.json["Runs"].Size(), 1U);
  EXPECT_EQ(answer.json["Task"]["TaskRunsFailed"].GetInt(), 0);
}

TEST_F(StackTest, ATaskInsertedBySqlRunsAfterCommitAndNeverBefore) {
  auto& database = stack->database();
  const std::string text =
      "INSERT INTO " + database.names().prefix() +
      "TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, LastStatus, MaxRetries, "
      "TaskRunsFailed) VALUES ('Echo', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), -1, 'scheduled', 5, 0)";
  int id = 0;
  {
    store::Transaction transaction(database);
    database.executeText(text, {});
    id = static_cast<int>(database.queryText("SELECT LAST_INSERT_ID()", {}).at(0).integer());
    std::this_thread::sleep_for(2s);  // time for any runner to do wrong
    EXPECT_EQ(stack->api("GET", "tasks/" + std::to_string(id)).status, 404);
    transaction.commit();
  }
  EXPECT_EQ(stack->finalStatus(id), "success");
  int lost = 0;
  {
    store::Transaction transaction(database);
    database.executeText(text, {});
    lost = static_cast<int>(database.queryText("SELECT LAST_INSERT_ID()", {}).at(0).integer());
  }
  EXPECT_EQ(stack->api("GET", "tasks/" + std::to_string(lost)).status, 404);
}

// The catalogue of all Debian packages, imported whole while its runner is killed half-way.
TEST_F(StackTest, AnImportIsExactAlsoWhenItsRunnerIsKilledHalfWay) {
  const std::string checkout = TASKQUEUE_CHECKOUT;
  const std::string directory = stack->setting("IMPORT_DIRECTORY");
  ASSERT_EQ(
      std::system((checkout + "/tests/support/catalogue > " + directory + "/catalogue.csv && chmod 640 " +
                   directory + "/catalogue.csv && chgrp taskqueue " + directory + "/catalogue.csv")
                      .c_str()),
      0);
  ASSERT_EQ(std::system(("sed 's/%PREFIX%/" + stack->setting("TABLE_PREFIX") + "/g' " + checkout +
                         "/tests/support/cms_fixture.sql | mariadb --defaults-file=" +
                         stack->setting("HOME_DIR") + "/database.cnf " + stack->setting("DB_NAME"))
                            .c_str()),
            0);
  const int id = stack->enqueue("ProductImport", R"({"File":"catalogue.csv"})");
  std::set<int> seen;
  int killed = 0;
  ASSERT_TRUE(eventually(
      [&] {
        const auto run = stack->newestRun(id);
        if (!run.IsObject()) return false;
        const int percents = run["PercentsCompleted"].GetInt();
        if (std::string(run["Status"].GetString()) == "running") seen.insert(percents);
        if (percents >= 40 && killed == 0) {
          const auto runners = stack->api("GET", "runners");
          for (const auto& runner : runners.json["Runners"].GetArray()) {
            if (runner["Id"].GetInt() == run["TaskRunnerId"].GetInt()) killed = runner["ProcessId"].GetInt();
          }
          ::kill(killed, SIGKILL);
        }
        return killed != 0 && stack->lastStatus(id) == "success";
      },
      180s));
  const auto run = stack->newestRun(id);
  EXPECT_EQ(run["Attempt"].GetInt(), 2);
  EXPECT_TRUE(run["Results"]["Resumed"].GetBool());
  const std::int64_t rows = run["Results"]["Rows"].GetInt64();
  EXPECT_GT(rows, 50000);
  EXPECT_EQ(run["Results"]["Imported"].GetInt64() + run["Results"]["Skipped"].GetInt64(), rows);
  EXPECT_EQ(run["Results"]["Updated"].GetInt64(), 0);
  EXPECT_EQ(stack->count("{Products}"), run["Results"]["Imported"].GetInt64());
  EXPECT_EQ(stack->count("(SELECT DISTINCT ProductCode FROM {Products}) p"),
            run["Results"]["Imported"].GetInt64());
  EXPECT_GE(seen.size(), 10U);
  std::cout << rows << " rows, " << seen.size() << " percentages seen\n";
}

TEST_F(StackTest, AFileThatCannotBeImportedIsNamedAndNotTriedAgain) {
  const std::string directory = stack->setting("IMPORT_DIRECTORY");
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(directory + "/" + name) << text;
    std::filesystem::permissions(directory + "/" + name, std::filesystem::perms(0644));
  };
  std::filesystem::remove(directory + "/link.csv");
  std::filesystem::create_symlink("/etc/passwd", directory + "/link.csv");
  const std::string header = "Code,Name,Category\n";
  write("quote.csv", header + "a,\"never closed\n");
  write("latin1.csv", header + "a,caf\xE9,x\n");
  write("large.csv", header + "a,\"" + std::string(10 << 20, 'x') + "\",x\n");
  const std::map<std::string, std::string> codes{
      {"../taskqueue.ini", "file_outside"}, {"/etc/passwd", "file_outside"}, {"link.csv", "file_outside"},
      {"none.csv", "file_missing"},         {"quote.csv", "csv_malformed"},  {"latin1.csv", "csv_not_utf8"},
      {"large.csv", "csv_field_too_large"}};
  for (const auto& [file, code] : codes) {
    const int id = stack->enqueue("ProductImport", R"({"File":")" + file + "\"}");
    EXPECT_EQ(stack->finalStatus(id), "error") << file;
    const auto run = stack->newestRun(id);
    EXPECT_EQ(std::string(run["ErrorCode"].GetString()), code)
        << file << ": " << run["ErrorMessage"].GetString();
    EXPECT_EQ(run["Attempt"].GetInt(), 1);
  }
}

TEST_F(StackTest, AKilledFastCgiProgramComesBackAndLosesNothing) {
  const int id = stack->enqueue("Noop", "{}");
  ::kill(stack->programPid("taskqueue-fcgi:taskqueue-fcgi"), SIGKILL);
  EXPECT_TRUE(eventually([] { return stack->request("GET", "/readyz").status == 200; }, 20s));
  EXPECT_EQ(stack->finalStatus(id), "success");
}

TEST_F(StackTest, AKilledDatabaseLosesNoAcknowledgedTask) {
  std::vector<int> ids;
  for (int i = 0; i < 20; ++i) ids.push_back(stack->enqueue("Echo", R"({"sleep":0.5})"));
  const int pid = stack->programPid("database");
  ASSERT_GT(pid, 1);
  ::kill(pid, SIGKILL);
  EXPECT_TRUE(eventually([&] { return !isAlive(pid); }, 5s));
  EXPECT_TRUE(eventually([] { return stack->request("GET", "/readyz").status == 200; }, 60s));
  for (const int id : ids) EXPECT_EQ(stack->finalStatus(id, 60s), "success");
}

TEST_F(StackTest, TheScheduledTaskEndpointsAnswerWhatTheyDid) {
  const auto pass = stack->event("task-queue:OnProcess");
  EXPECT_EQ(pass.status, 200);
  EXPECT_TRUE(pass.json.HasMember("CreatedTaskRuns"));
  const auto debug = stack->event("task-queue:OnDebug");
  EXPECT_EQ(debug.status, 200) << debug.body;
  EXPECT_TRUE(debug.json.HasMember("TaskRunnerId"));
}

TEST_F(StackTest, TheSameIdempotencyKeyMakesOneTask) {
  const std::vector<std::string> headers{"Authorization: Bearer " + stack->setting("API_TOKEN"),
                                         "Content-Type: application/json", "Idempotency-Key: one"};
  const std::string body = R"({"TaskHandlerClass":"Noop"})";
  const auto first = stack->request("POST", "/api/v1/tasks", body, headers);
  const auto second = stack->request("POST", "/api/v1/tasks", body, headers);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(first.json["Id"].GetInt(), second.json["Id"].GetInt());
  EXPECT_EQ(stack->request("POST", "/api/v1/tasks", R"({"TaskHandlerClass":"Echo"})", headers).status, 422);
}

TEST_F(StackTest, AFormFromElsewhereIsRefused) {
  const int id = stack->enqueue("Echo", R"({"sleep":1})", 1);
  const std::string form =
      std::string("curl -s -o /dev/null -w '%{http_code}' -u ") + stack->setting("ADMIN_USER") + ":" +
      stack->setting("ADMIN_PASSWORD") + " -X POST -d form_token=x -H 'Sec-Fetch-Site: cross-site' " +
      stack->setting("BASE_URL") + "/tasks/" + std::to_string(id) + "/cancel | grep -q 403";
  EXPECT_EQ(std::system(form.c_str()), 0);
  EXPECT_EQ(stack->finalStatus(id), "success");
}

}  // namespace
}  // namespace taskqueue::tests
