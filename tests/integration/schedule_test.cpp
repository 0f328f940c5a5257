// Schedules through the real endpoint and the command line, with a real overseer and real runners. Also the
// CMS's own events in the real php.
#include <gmock/gmock.h>

#include <cstdlib>
#include <map>

#include "tests/integration/stack_test.h"

namespace taskqueue::tests {
namespace {

using ::testing::HasSubstr;

class ScheduleStackTest : public StackTest {
 protected:
  void TearDown() override {
    const auto all = stack().api("GET", "schedules");
    for (const auto& schedule : all.json["Schedules"].GetArray())
      stack().api("DELETE", "schedules/" + std::to_string(schedule["Id"].GetInt()));
    StackTest::TearDown();
  }
  static int added(const std::string& body) {
    const auto answer = stack().api("POST", "schedules", body);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.status == 201 ? answer.json["Id"].GetInt() : 0;
  }
  static json::Document shown(int id) {
    auto answer = stack().api("GET", "schedules/" + std::to_string(id));
    EXPECT_EQ(answer.status, 200) << answer.body;
    return std::move(answer.json);
  }
  static std::string post(int id, const std::string& action) {
    return stack().api("POST", "schedules/" + std::to_string(id) + "/" + action).body;
  }
  static void execute(const std::string& sql) {
    auto& database = stack().database();
    database.executeText(database.names().expand(sql), {});
  }
  // Makes the schedule due by moving its next instant into the past.
  static void comeDue(int id, int secondsAgo = 1) {
    execute("UPDATE {TaskSchedules} SET NextFireOn = UNIX_TIMESTAMP() - " + std::to_string(secondsAgo) +
            " WHERE Id = " + std::to_string(id));
  }
  static int cliId(const std::string& arguments) {
    const auto answer = stack().commandLine(arguments);
    EXPECT_EQ(answer.exitStatus, 0) << answer.output;
    return std::atoi(answer.output.c_str());
  }
};

TEST_F(ScheduleStackTest, AScheduleIsMadeShownChangedFiredAndRemovedOverTheApi) {
  const int id = added(
      R"({"Name":"api","TaskHandlerClass":"Echo","TaskData":{"message":"sync"},"CronExpression":"30 3 * * *",)"
      R"("TimeZone":"Europe/Riga","Missed":"all","MissedLimit":3,"Overlap":"queue","Priority":1})");
  auto schedule = shown(id);
  EXPECT_STREQ(schedule["TimeZone"].GetString(), "Europe/Riga");
  EXPECT_STREQ(schedule["TaskData"]["message"].GetString(), "sync");
  EXPECT_EQ(schedule["NextFirings"].Size(), 5U);
  EXPECT_EQ(schedule["NextFirings"][0].GetInt64(), schedule["NextFireOn"].GetInt64());

  const auto fired = stack().api("POST", "schedules/" + std::to_string(id) + "/fire");
  EXPECT_EQ(fired.status, 200);
  const int task = fired.json["TaskQueueId"].GetInt();
  EXPECT_EQ(stack().finalStatus(task), "success");
  schedule = shown(id);
  EXPECT_EQ(schedule["LastTaskQueueId"].GetInt(), task);
  EXPECT_TRUE(schedule["Firings"][0]["FireOn"].IsNull());

  const std::string path = "schedules/" + std::to_string(id);
  const auto changed =
      stack().api("PUT", path, R"({"Name":"api","TaskHandlerClass":"Noop","CronExpression":"@hourly"})");
  EXPECT_EQ(changed.status, 200) << changed.body;
  schedule = shown(id);
  EXPECT_STREQ(schedule["TaskHandlerClass"].GetString(), "Noop");
  EXPECT_STREQ(schedule["TimeZone"].GetString(), "UTC");
  EXPECT_EQ(schedule["NextFireOn"].GetInt64() % 3600, 0);

  EXPECT_THAT(post(id, "disable"), HasSubstr(R"("Enabled":false,"Changed":true)"));
  EXPECT_TRUE(shown(id)["NextFireOn"].IsNull());
  EXPECT_THAT(post(id, "enable"), HasSubstr(R"("Enabled":true,"Changed":true)"));
  EXPECT_TRUE(shown(id)["NextFireOn"].IsInt64());
  EXPECT_EQ(stack().api("DELETE", path).status, 200);
  EXPECT_EQ(stack().api("DELETE", path).status, 404);
  EXPECT_EQ(stack().api("GET", path).status, 404);
  EXPECT_EQ(stack().api("POST", path + "/fire").status, 404);
}

TEST_F(ScheduleStackTest, WhatIsWrongIsAProblemThatNamesTheMember) {
  const std::map<std::string, std::string> wrong{
      {R"({"Name":"x","TaskHandlerClass":"Echo","CronExpression":"61 * * * *"})", "/CronExpression"},
      {R"({"Name":"x","TaskHandlerClass":"Echo","CronExpression":"0 0 31 2 *"})", "never comes"},
      {R"({"Name":"x","TaskHandlerClass":"Echo","CronExpression":"@daily","TimeZone":"Mars"})", "/TimeZone"},
      {R"({"Name":"x","TaskHandlerClass":"Nope","CronExpression":"@daily"})", "/TaskHandlerClass"},
      {R"({"Name":"x","TaskHandlerClass":"Echo","CronExpression":"@daily","TaskData":{"sleep":-1}})",
       "/TaskData/sleep"},
      {R"({"Name":"x","TaskHandlerClass":"Echo","CronExpression":"@daily","Missed":"some"})",
       "skip, once or all"},
      {R"({"Name":"x","TaskHandlerClass":"Echo","CronExpression":"@daily","Enabled":1})", "true or false"},
      {R"({"Name":"x","TaskHandlerClass":"Echo","CronExpression":"@daily","Odd":1})", "/Odd"},
      {R"({"TaskHandlerClass":"Echo"})", "/Name"},
      {R"([])", "must be an object"}};
  for (const auto& [body, problem] : wrong) {
    const auto answer = stack().api("POST", "schedules", body);
    EXPECT_EQ(answer.status, 422) << body;
    EXPECT_THAT(answer.body, HasSubstr(problem)) << body;
  }
  EXPECT_EQ(stack().api("POST", "schedules", "{").status, 400);
  EXPECT_EQ(stack().request("GET", "/api/v1/schedules").status, 401);
  EXPECT_EQ(stack().count("{TaskSchedules}"), 0);
}

TEST_F(ScheduleStackTest, TheOverseerFiresWhatIsDueOnce) {
  stack().event("task-queue:OnProcess");
  const int id = added(R"({"Name":"due","TaskHandlerClass":"Noop","CronExpression":"0 0 1 1 *"})");
  comeDue(id);
  const auto first = stack().event("task-queue:OnProcess");
  EXPECT_EQ(first.json["FiredSchedules"].GetInt(), 1) << first.body;
  EXPECT_EQ(stack().event("task-queue:OnProcess").json["FiredSchedules"].GetInt(), 0);
  EXPECT_EQ(stack().finalStatus(shown(id)["LastTaskQueueId"].GetInt()), "success");
  comeDue(id, 60);
  EXPECT_THAT(stack().commandLine("event task-queue:OnProcess").output, HasSubstr(R"("FiredSchedules":1)"));
  EXPECT_EQ(shown(id)["Firings"].Size(), 2U);
}

TEST_F(ScheduleStackTest, ARunnerStandsInForASilentOverseerAndHealthSaysSo) {
  stack().event("task-queue:OnProcess");
  const int id = added(R"({"Name":"silent","TaskHandlerClass":"Noop","CronExpression":"0 0 1 1 *"})");
  const auto check = [](const std::string& name) {
    const auto answer = stack().api("GET", "health");
    for (const auto& each : answer.json["Checks"].GetArray()) {
      if (each["Name"].GetString() == name)
        return std::string(each["Status"].GetString()) + " " + each["Text"].GetString();
    }
    return std::string("missing");
  };
  EXPECT_THAT(check("overseer"), HasSubstr("ok task-queue:OnProcess was last called"));
  execute("UPDATE {TaskQueueMarks} SET MarkedOn = UNIX_TIMESTAMP() - 3600 WHERE Name = 'overseer'");
  comeDue(id);
  EXPECT_TRUE(eventually([&] { return shown(id)["LastTaskQueueId"].IsInt(); }, 30s));
  EXPECT_THAT(check("overseer"), HasSubstr("a runner did its work"));
  EXPECT_THAT(check("overseer"), HasSubstr("warning"));
  EXPECT_EQ(shown(id)["Firings"].Size(), 1U);
  stack().event("task-queue:OnProcess");
  EXPECT_THAT(check("overseer"), HasSubstr("ok "));
  execute("UPDATE {TaskSchedules} SET Problem = 'x' WHERE Id = " + std::to_string(id));
  EXPECT_THAT(check("schedules"), HasSubstr("1 of them cannot fire"));
}

TEST_F(ScheduleStackTest, TheCommandLineDoesTheSame) {
  const int id = cliId(R"(schedule add nightly Echo '15 2 * * *' '{"message":"x"}' --time-zone Europe/Riga)"
                       " --overlap replace --missed all --missed-limit 5 --priority 2");
  EXPECT_THAT(stack().commandLine("schedule list").output,
              HasSubstr("nightly  15 2 * * *  Europe/Riga  Echo  next 20"));
  EXPECT_EQ(stack().commandLine("schedule change nightly --cron @hourly").exitStatus, 0);
  const auto schedule = shown(id);
  EXPECT_STREQ(schedule["CronExpression"].GetString(), "@hourly");
  EXPECT_STREQ(schedule["Overlap"].GetString(), "replace");
  EXPECT_EQ(schedule["MissedLimit"].GetInt(), 5);
  EXPECT_EQ(schedule["CreatedById"].GetInt(), -1);
  EXPECT_EQ(stack().commandLine("schedule disable nightly").exitStatus, 0);
  EXPECT_THAT(stack().commandLine("schedule list").output, HasSubstr("disabled"));
  EXPECT_EQ(stack().commandLine("schedule enable " + std::to_string(id)).exitStatus, 0);
  EXPECT_EQ(stack().finalStatus(cliId("schedule fire nightly")), "success");
  EXPECT_EQ(stack().commandLine("schedule remove nightly").exitStatus, 0);
  EXPECT_EQ(stack().commandLine("schedule remove nightly").exitStatus, 1);
  const auto refused = stack().commandLine("schedule add x Echo '* * * *'");
  EXPECT_EQ(refused.exitStatus, 65);
  EXPECT_THAT(refused.output, HasSubstr("/CronExpression must have five fields"));
  const auto preview =
      stack().commandLine("schedule preview '30 3 * * *' --time-zone Europe/Riga --count 400");
  EXPECT_THAT(preview.output, HasSubstr("2027-03-27 03:30:00+02:00"));
  EXPECT_THAT(preview.output, HasSubstr("2027-03-28 04:00:00+03:00"));
  EXPECT_THAT(preview.output, HasSubstr("2027-10-31 03:30:00+03:00"));
}

// ── the CMS's own scheduled tasks ──────────────────────────────────────────────────────────────────────────

TEST_F(ScheduleStackTest, EventsOfTheCmsRunInPhpAndTheirStatusIsTheRuns) {
  const auto runOf = [](const std::string& event, const std::string& status) {
    const int id = stack().enqueue("CmsEvent", R"({"Event":")" + event + R"(","Params":{"pages":7}})", 2);
    EXPECT_EQ(stack().finalStatus(id), status) << event;
    return stack().newestRun(id);
  };
  const auto rebuilt = runOf("site:OnRebuildSitemap", "success");
  EXPECT_STREQ(rebuilt["Results"]["Status"].GetString(), "erSUCCESS");
  EXPECT_STREQ(stack()
                   .api("GET", "runs/" + std::to_string(rebuilt["Id"].GetInt()) + "/output")
                   .json["Content"]
                   .GetString(),
               "rebuilt 7 pages\n");
  EXPECT_STREQ(runOf("site:OnReply", "success")["Results"]["Status"].GetString(), "erSTOP");
  const std::map<std::string, std::pair<std::string, int>> errors{
      {"site:OnFail", {"erFAIL", 2}},           {"site:OnFatal", {"erFATAL", 1}},
      {"site:OnForbidden", {"erPERM_FAIL", 1}}, {"site:OnOdd", {"unknown_status", 2}},
      {"site:OnThrow", {"DomainException", 2}}, {"other:OnThing", {"LogicException", 2}}};
  for (const auto& [event, expected] : errors) {
    const auto run = runOf(event, "error");
    EXPECT_EQ(run["ErrorCode"].GetString(), expected.first) << event;
    EXPECT_EQ(run["Attempt"].GetInt(), expected.second) << event;
  }
  const auto refused =
      stack().api("POST", "tasks", R"({"TaskHandlerClass":"CmsEvent","TaskData":{"Event":"x; y"}})");
  EXPECT_EQ(refused.status, 422) << refused.body;
}

TEST_F(ScheduleStackTest, ScheduledTasksOfTheCmsAreImportedOnceAndRunItsEvents) {
  execute("DROP TABLE IF EXISTS {OldTasks}");
  execute(
      "CREATE TABLE {OldTasks} (ScheduledTaskId INT NOT NULL AUTO_INCREMENT PRIMARY KEY, Name VARCHAR(255) "
      "NOT "
      "NULL DEFAULT '', Event VARCHAR(255) NOT NULL DEFAULT '', Cron VARCHAR(255) NOT NULL DEFAULT '', "
      "Status INT "
      "NOT NULL DEFAULT 1)");
  execute(
      "INSERT INTO {OldTasks} (Name, Event, Cron, Status) VALUES ('nightly', 'site:OnNightly', '0 2 * * *', "
      "1), "
      "('resting', 'site:OnRebuildSitemap', '*/5 * * * *', 0), ('broken', 'site:OnNightly', '0 25 * * *', "
      "1), "
      "('no event', 'nonsense', '@daily', 1)");
  const std::string import =
      "schedule import --table OldTasks --schedule-column Cron --time-zone Europe/Riga";
  const auto first = stack().commandLine(import);
  EXPECT_EQ(first.exitStatus, 65);
  EXPECT_THAT(first.output, HasSubstr("2 imported, 0 exist already, 2 refused"));
  EXPECT_THAT(first.output, HasSubstr("broken: /CronExpression hour: 25 is not within 0 to 23"));
  EXPECT_THAT(first.output, HasSubstr("no event: its event 'nonsense' is not written unit:OnEvent"));
  EXPECT_THAT(stack().commandLine(import).output, HasSubstr("0 imported, 2 exist already, 2 refused"));
  const auto all = stack().api("GET", "schedules");
  ASSERT_EQ(all.json["Schedules"].Size(), 2U);
  const auto& nightly = all.json["Schedules"][0];
  EXPECT_STREQ(nightly["Name"].GetString(), "nightly");
  EXPECT_STREQ(nightly["TimeZone"].GetString(), "Europe/Riga");
  EXPECT_STREQ(nightly["TaskData"]["Event"].GetString(), "site:OnNightly");
  EXPECT_FALSE(all.json["Schedules"][1]["Enabled"].GetBool());
  comeDue(nightly["Id"].GetInt());
  EXPECT_EQ(stack().event("task-queue:OnProcess").json["FiredSchedules"].GetInt(), 1);
  EXPECT_EQ(stack().finalStatus(shown(nightly["Id"].GetInt())["LastTaskQueueId"].GetInt()), "success");
  EXPECT_EQ(stack().commandLine("schedule import --table NoSuchTable").exitStatus, 65);
  execute("DROP TABLE {OldTasks}");
}

}  // namespace
}  // namespace taskqueue::tests
