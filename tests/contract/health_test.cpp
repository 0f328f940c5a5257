// Health is ok only while work gets done. Each test causes one problem in otherwise healthy tables. It
// expects the check to report the problem's name, start, count and fix.
#include "module/health/health.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "module/store/maria_store.h"
#include "tests/contract/contract_test.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

using health::Health;
using health::HealthCheck;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class HealthTest : public Contract {
 protected:
  HealthTest() {
    world().setRunnerLimit("1");
    settings_.limits.freeMegabytes = 0;  // ignores the free space of the test machine
  }

  std::vector<HealthCheck> checks() {
    return checkHealth(
        store(), [] { return std::optional<std::string>(); }, settings_);
  }
  std::vector<HealthCheck> checksNamed(const std::string& name) {
    std::vector<HealthCheck> found;
    for (HealthCheck& check : checks()) {
      if (check.name == name) found.push_back(std::move(check));
    }
    return found;
  }
  // Returns the single finding of that check.
  HealthCheck only(const std::string& name) {
    auto found = checksNamed(name);
    if (found.size() != 1) throw std::logic_error(std::to_string(found.size()) + " findings of " + name);
    return found.front();
  }
  // Returns the names of the checks that are not ok.
  std::vector<std::string> troubles() {
    std::vector<std::string> names;
    for (const HealthCheck& check : checks()) {
      if (check.state != Health::Ok) names.push_back(check.name);
    }
    return names;
  }
  // Time passes while the runner sends heartbeats.
  void pass(std::chrono::seconds time) {
    world().advance(time);
    store().runners.heartbeat(runner(), {});
  }
  void passAMinute() {
    pass(2min);
    store().statistics.rollUpMinutes(10000);
  }
  void end(int runs, RunStatus status, const std::string& errorCode = "broke") {
    for (int i = 0; i < runs; ++i) add({.taskHandlerClass = "Echo", .maxRetries = 1});
    for (const ClaimedRun& run : claim(runs)) {
      RunEnd ended = endOf(run, status);
      if (isFailure(status)) ended.errorCode = errorCode;
      finish(ended);
    }
  }

  health::Settings settings_;
};
INSTANTIATE_TEST_SUITE_P(Stores, HealthTest, bothStores(), nameOf);

TEST_P(HealthTest, IsOkWhileWorkGetsDone) {
  runner();
  end(20, RunStatus::Success);
  passAMinute();
  for (const HealthCheck& check : checks()) {
    EXPECT_EQ(check.state, Health::Ok) << check.name << ": " << textOf(check);
    EXPECT_FALSE(check.notifiesOperators() && check.event != "overseer.late") << check.name;
    EXPECT_FALSE(check.event.empty()) << check.name;
  }
}

TEST_P(HealthTest, FailsWhenDueTasksOfAQueueHaveNoRunner) {
  runner();
  const int id = add({.taskHandlerClass = "Echo", .queue = "reports"});
  add({.taskHandlerClass = "Echo", .queue = "reports"});
  const UnixSeconds due = store().clock.now();
  pass(60s);
  EXPECT_THAT(troubles(), IsEmpty());
  pass(1s);
  EXPECT_THAT(troubles(), ElementsAre("waiting tasks"));
  const HealthCheck check = only("waiting tasks");
  EXPECT_EQ(check.state, Health::Failed);
  EXPECT_EQ(check.subject, "reports");
  EXPECT_EQ(check.since, due);
  EXPECT_EQ(check.count, 2);
  EXPECT_THAT(textOf(check), HasSubstr("Task " + std::to_string(id) + " has been due for 61 s"));
  EXPECT_THAT(textOf(check), HasSubstr("no online runner serves this queue"));
  EXPECT_THAT(textOf(check.fixes), HasSubstr("queues= in [runner]"));
  EXPECT_EQ(causeKey(check), "queue.waits reports");
}

TEST_P(HealthTest, FailsWhenNothingIsStartedThoughARunnerHasRoom) {
  runner();
  add();
  pass(61s);
  const HealthCheck check = only("waiting tasks");
  EXPECT_EQ(check.state, Health::Failed) << "as when the database refuses each claim";
  EXPECT_THAT(textOf(check), HasSubstr("no run has started since then"));
  EXPECT_THAT(textOf(check.fixes), HasSubstr("journalctl -u 'task-runner@*'"));
}

TEST_P(HealthTest, CountsARowThatNobodyHasLookedAtFromItsOwnDate) {
  runner();
  leavesHostileRows();
  world().insertRow({.scheduledOn = store().clock.now() - 3600});
  const HealthCheck check = only("waiting tasks");
  EXPECT_EQ(check.since, store().clock.now() - 3600);
  EXPECT_EQ(check.state, Health::Failed);
}

TEST_P(HealthTest, WarnsOfAQueueThatIsMerelyLongAfterItsOwnTime) {
  for (int i = 0; i < 5; ++i) add();
  ASSERT_EQ(claim(4).size(), 4U) << "all slots are taken";
  pass(900s);
  EXPECT_THAT(troubles(), IsEmpty());
  pass(1s);
  const HealthCheck check = only("waiting tasks");
  EXPECT_EQ(check.state, Health::Warning);
  EXPECT_THAT(textOf(check), HasSubstr("all 4 slots"));
  settings_.queue.queueWaitsSeconds = 0;
  EXPECT_THAT(troubles(), IsEmpty());
}

TEST_P(HealthTest, TellsWhatIsPausedByWhomAndSinceWhen) {
  runner();
  store().audit.actAs({"ada", "pages"});
  store().handlers.setPaused(PauseKind::Queue, "slow", true, 17);
  const UnixSeconds since = store().clock.now();
  add({.taskHandlerClass = "Echo", .queue = "slow"});
  pass(1h);
  EXPECT_THAT(troubles(), ElementsAre("pauses")) << "what waits for a pause waits as it shall";
  const HealthCheck check = only("pauses");
  EXPECT_EQ(check.state, Health::Warning);
  EXPECT_EQ(check.since, since);
  EXPECT_EQ(check.count, 1);
  EXPECT_EQ(textOf(check), "The queue slow was paused by ada; waiting tasks: 1.");
  EXPECT_EQ(textOf(check.fixes), "taskqueue resume queue slow");
  EXPECT_FALSE(check.notifiesOperators());
  pass(24h);
  EXPECT_TRUE(only("pauses").notifiesOperators());
}

TEST_P(HealthTest, TellsWhatIsParkedAndWhy) {
  runner();
  leavesHostileRows();
  for (int i = 0; i < 3; ++i) add({.taskHandlerClass = "App\\Tasks\\Gone"});
  const UnixSeconds since = store().clock.now();
  claim();
  pass(5s);
  EXPECT_THAT(troubles(), ElementsAre("parked tasks"));
  const HealthCheck check = only("parked tasks");
  EXPECT_EQ(check.state, Health::Warning);
  EXPECT_EQ(check.count, 3);
  EXPECT_EQ(check.since, since);
  EXPECT_THAT(textOf(check), HasSubstr("Parked tasks of App\\Tasks\\Gone: 3. Reason: no runner knows"));
  EXPECT_THAT(textOf(check.fixes), HasSubstr("taskqueue list --class 'App\\Tasks\\Gone'"));
}

TEST_P(HealthTest, TakesALimitForWhatItIsUntilItsTasksWaitTooLong) {
  runner();
  store().handlers.setHandlerLimit("Echo", 0, 1, -1);
  for (int i = 0; i < 4; ++i) {
    const std::string key = i < 2 ? "a" : "b";
    add({.taskHandlerClass = "Echo", .concurrencyKey = key});
  }
  claim();
  const HealthCheck check = only("parked tasks");
  EXPECT_EQ(check.state, Health::Ok);
  EXPECT_EQ(check.count, 2) << "two keys are one case";
  pass(901s);
  EXPECT_EQ(only("parked tasks").state, Health::Warning);
}

TEST_P(HealthTest, WarnsOfRunnersThatHaveDied) {
  runner();
  const int other = addRunner();
  store().runners.timeOutRunner(other, {});
  const UnixSeconds lost = store().clock.now();
  pass(59min);
  EXPECT_THAT(troubles(), ElementsAre("lost runners"));
  const HealthCheck check = only("lost runners");
  EXPECT_EQ(check.count, 1);
  EXPECT_EQ(check.since, lost);
  EXPECT_THAT(textOf(check), HasSubstr("the last one on host"));
  EXPECT_EQ(causeKey(check), "runners.lost");
  pass(2min);
  EXPECT_THAT(troubles(), IsEmpty());
}

TEST_P(HealthTest, FailsWhenTheRunnersThatSayThatTheyRunAreSilent) {
  runner();
  const UnixSeconds beat = store().clock.now();
  world().advance(60s);
  EXPECT_THAT(troubles(), IsEmpty());
  world().advance(1s);
  const HealthCheck check = only("runners");
  EXPECT_EQ(check.state, Health::Failed);
  EXPECT_EQ(check.since, beat);
  EXPECT_THAT(textOf(check), HasSubstr("without a heartbeat for longer than 60 s: 1"));
}

TEST_P(HealthTest, FailsWhenEachRunOfAHandlerFails) {
  runner();
  end(9, RunStatus::Error);
  passAMinute();
  EXPECT_EQ(only("failures").state, Health::Warning) << "few runs";
  end(1, RunStatus::Error);
  passAMinute();
  EXPECT_THAT(troubles(), ElementsAre("failures"));
  const HealthCheck check = only("failures");
  EXPECT_EQ(check.state, Health::Failed);
  EXPECT_EQ(check.subject, "Echo");
  EXPECT_EQ(check.count, 10);
  EXPECT_TRUE(check.since);
  EXPECT_THAT(textOf(check), HasSubstr("10 of 10 runs failed within the last hour"));
  EXPECT_THAT(textOf(check), HasSubstr("failed for good: 10"));
  EXPECT_EQ(textOf(check.fixes), "taskqueue list --status error --class Echo");
  pass(1h);
  EXPECT_THAT(troubles(), IsEmpty());
}

TEST_P(HealthTest, ComparesAHandlersFailuresWithWhatIsUsualForIt) {
  runner();
  end(30, RunStatus::Error);
  end(70, RunStatus::Success);
  passAMinute();
  pass(2h);
  end(12, RunStatus::Error);
  end(18, RunStatus::Success);
  passAMinute();
  HealthCheck check = only("failures");
  EXPECT_EQ(check.state, Health::Ok) << "40 % where 30 are usual";
  EXPECT_TRUE(check.notifiesOperators()) << "of tasks that failed for good";
  EXPECT_THAT(textOf(check), HasSubstr("12 of 30 runs failed within the last hour; 30 % is usual"));
  pass(8 * 24h);
  end(12, RunStatus::Error);
  end(18, RunStatus::Success);
  passAMinute();
  check = only("failures");
  EXPECT_EQ(check.state, Health::Warning) << "40 % where nothing was usual";
  pass(2h);
  end(6, RunStatus::Error);
  end(6, RunStatus::Success);
  passAMinute();
  EXPECT_EQ(only("failures").state, Health::Warning) << "half of them, whatever is usual";
}

TEST_P(HealthTest, FailsWhileARunnerCannotWriteTheEndsOfItsRuns) {
  const int id = runner();
  store().runners.heartbeat(id, {.unwrittenRuns = 3, .unwrittenSeconds = 30});
  EXPECT_THAT(troubles(), IsEmpty());
  store().runners.heartbeat(id, {.unwrittenRuns = 3, .unwrittenSeconds = 31});
  EXPECT_THAT(troubles(), ElementsAre("unwritten ends"));
  const HealthCheck check = only("unwritten ends");
  EXPECT_EQ(check.state, Health::Failed);
  EXPECT_EQ(check.count, 3);
  EXPECT_EQ(check.since, store().clock.now() - 31);
  EXPECT_THAT(textOf(check),
              HasSubstr("Runner " + std::to_string(id) + " on host cannot save the ends of its runs: 3;"));
  store().runners.heartbeat(id, {});
  EXPECT_THAT(troubles(), IsEmpty());
}

TEST_P(HealthTest, WarnsWhenTheDatabaseRefusesWhatRunsReport) {
  runner();
  end(20, RunStatus::Success);
  end(2, RunStatus::Error, "unwritable");
  passAMinute();
  EXPECT_THAT(troubles(), ElementsAre("unwritten ends"));
  const HealthCheck check = only("unwritten ends");
  EXPECT_EQ(check.count, 2);
  EXPECT_THAT(textOf(check),
              HasSubstr("Runs of Echo whose results the database refused within the last hour: 2"));
}

TEST_P(HealthTest, TellsWhenTheIdsOfATableComeToTheirEnd) {
  runner();
  world().useUpIds("TaskRuns", 1'717'986'917);
  HealthCheck check = only("Ids");
  EXPECT_EQ(check.state, Health::Ok) << textOf(check);
  world().useUpIds("TaskRuns", 1'717'986'918);
  check = only("Ids");
  EXPECT_EQ(check.state, Health::Warning);
  EXPECT_EQ(check.subject, "inp_TaskRuns");
  EXPECT_EQ(check.count, 2'147'483'647 - 1'717'986'918);
  EXPECT_THAT(textOf(check.fixes), HasSubstr("ALTER TABLE inp_TaskRuns AUTO_INCREMENT = 1;"));
  EXPECT_THAT(textOf(check.fixes), HasSubstr("RENAME TABLE inp_TaskQueue TO inp_TaskQueue_old"));
  world().useUpIds("TaskRuns", 2'147'483'600);
  EXPECT_EQ(only("Ids").state, Health::Failed);
  EXPECT_THAT(troubles(), ElementsAre("Ids"));
}

TEST_P(HealthTest, TellsWhenADiskIsNearlyFull) {
  runner();
  settings_.directories = {"/tmp", "/tmp/..", "/tmp", "/nowhere"};
  const auto ofTmp = [&] {
    std::vector<HealthCheck> found;
    for (HealthCheck& check : checksNamed("disks")) {
      if (check.subject == "/tmp") found.push_back(std::move(check));
    }
    return found.size() == 1 ? found.front() : HealthCheck{.text = "no finding, or two"};
  };
  ASSERT_THAT(textOf(ofTmp()), HasSubstr("MiB are free in /tmp."));
  ASSERT_EQ(ofTmp().state, Health::Ok);
  const auto free = static_cast<int>(std::filesystem::space("/tmp").available >> 20);
  settings_.limits.freeMegabytes = free + 1000;
  EXPECT_EQ(ofTmp().state, Health::Warning);
  EXPECT_EQ(textOf(ofTmp().fixes), "df -h /tmp");
  settings_.limits.freeMegabytes = free * 10 + 10000;
  EXPECT_EQ(ofTmp().state, Health::Failed);
}

TEST_P(HealthTest, SaysThatTheSchemaDoesNotFitAndLooksNoFurther) {
  const auto checks = checkHealth(
      store(), [] { return std::optional<std::string>("it is too old"); }, settings_);
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[1].state, Health::Failed);
  EXPECT_EQ(textOf(checks[1].fixes), "taskqueue migrate");
}

// ── a real server ──────────────────────────────────────────────────────────────────────────────────────────

class HealthOnServer : public ::testing::Test {
 protected:
  static constexpr const char* kHealthDatabase = "health";

  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kHealthDatabase);
    test_support::migrate(kHealthDatabase);
  }
  ~HealthOnServer() override { admin_.queryText("SET GLOBAL max_allowed_packet = 16777216"); }
  // The checks of a program that connects now.
  std::vector<HealthCheck> checksNow(const std::string& name) {
    store::MariaStore store(
        test_support::settingsFor(kHealthDatabase), test_support::cmsNames(),
        [] { return std::string(32, 'a'); }, [] { return 0.0; });
    std::vector<HealthCheck> found;
    for (HealthCheck& check : checkHealth(
             store.roles(), [] { return std::optional<std::string>(); }, settings_)) {
      if (check.name == name) found.push_back(std::move(check));
    }
    return found;
  }

  store::Connection admin_{test_support::settingsFor(kHealthDatabase), test_support::cmsNames()};
  health::Settings settings_;
};

TEST_F(HealthOnServer, TellsWhenAPacketIsSmallerThanOurs) {
  EXPECT_EQ(checksNow("packet size").at(0).state, Health::Ok);
  admin_.queryText("SET GLOBAL max_allowed_packet = 8388608");
  EXPECT_EQ(checksNow("packet size").at(0).state, Health::Warning);
  admin_.queryText("SET GLOBAL max_allowed_packet = 1048576");
  const auto checks = checksNow("packet size");
  EXPECT_EQ(checks.at(0).state, Health::Warning);
  EXPECT_THAT(textOf(checks.at(0)), HasSubstr("is 1 MiB, and large outputs and tasks need 16 MiB"));
  EXPECT_EQ(textOf(checks.at(0).fixes), "SET GLOBAL max_allowed_packet = 16777216;");
}

TEST_F(HealthOnServer, LooksAtTheDiskOfTheServersDataWhenItIsOnThisHost) {
  const std::string data = admin_.queryText("SELECT @@datadir").at(0).text();
  const auto disks = checksNow("disks");
  ASSERT_EQ(disks.size(), 1U);
  EXPECT_EQ(disks[0].subject, data);
}

TEST_F(HealthOnServer, ATableThatIsGoneIsADatabaseThatCannotBeUsed) {
  admin_.queryText("RENAME TABLE inp_TaskQueueMinutes TO inp_Gone");
  const auto checks = checksNow("database");
  admin_.queryText("RENAME TABLE inp_Gone TO inp_TaskQueueMinutes");
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].state, Health::Failed);
}

}  // namespace
}  // namespace taskqueue::contract
