// Pruning in batches: old rows go, others stay. Contract for both stores; features of the tables alone are
// tested on MariaDB.
#include "module/queue/retention.h"

#include "module/json/writer.h"
#include "module/platform/random.h"
#include "module/queue/schedule/fire.h"
#include "module/store/maria_store.h"
#include "tests/contract/contract_test.h"
#include "tests/support/database_environment.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::int64_t kDay = 86400;

class History : public Contract {
 protected:
  int addEnded(RunStatus status = RunStatus::Success) {
    const int id = add();
    RunEnd end = endOf(claimOne(), status);
    end.giveUp = true;
    finish(end);
    return id;
  }
  int addSchedule(const std::string& cronExpression) {
    ScheduleDefinition definition;
    definition.name = cronExpression;
    definition.taskHandlerClass = "Echo";
    definition.cronExpression = cronExpression;
    return store().schedules.addSchedule(definition, store().clock.now(), 0).value();
  }
  int prune() { return pruneOld(store().maintenance, store().clock, limits_); }
  bool isThere(int id) { return store().tasks.findTask(id).has_value(); }

  RetentionPolicy limits_{.keepDays = 10};
};
INSTANTIATE_TEST_SUITE_P(Stores, History, bothStores(), nameOf);

TEST_P(History, IsKeptForEverUnlessSomebodySaysOtherwise) {
  const int id = addEnded();
  world().advance(24h * 4000);
  EXPECT_EQ(pruneOld(store().maintenance, store().clock, {}), 0);
  EXPECT_TRUE(isThere(id));
  EXPECT_THAT(store().tasks.runsOfTask(id), SizeIs(1));
}

TEST_P(History, OfATaskGoesWithItsRunsAndFilesSomeDaysAfterItsEnd) {
  const int id = addEnded(RunStatus::Error);
  const int run = store().tasks.runsOfTask(id).at(0).id;
  world().putRunFile(run, "a.txt", "text/plain", {"x", "y"});
  world().advance(24h * 10);
  EXPECT_EQ(prune(), 0);
  EXPECT_TRUE(isThere(id));
  EXPECT_THAT(store().tasks.filesOfRun(run), SizeIs(1));
  world().advance(1s);
  EXPECT_EQ(prune(), 1);
  EXPECT_FALSE(isThere(id));
  EXPECT_FALSE(store().tasks.findRun(run));
  EXPECT_THAT(store().tasks.filesOfRun(run), IsEmpty());
  EXPECT_EQ(prune(), 0);
}

TEST_P(History, OfWhatHasNotEndedIsKept) {
  const int failed = addFailed(/*delaySeconds=*/100 * kDay);
  const int later = add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 100 * kDay});
  const int running = add();
  EXPECT_EQ(claimOne().task.id, running);
  const int nobodys = add({.taskHandlerClass = "Nobody's"});
  claim();
  ASSERT_NE(task(nobodys).parkedReason, "");
  const int ended = addEnded();
  world().advance(24h * 50);
  EXPECT_EQ(prune(), 1);
  for (const int id : {failed, later, running, nobodys}) EXPECT_TRUE(isThere(id)) << id;
  EXPECT_FALSE(isThere(ended));
}

TEST_P(History, BeginsAnewWithARetry) {
  const int id = addEnded(RunStatus::Error);
  world().advance(24h * 11);
  ASSERT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_EQ(prune(), 0);
  finish(claimOne(), RunStatus::Success);
  world().advance(24h * 10);
  EXPECT_EQ(prune(), 0);
  EXPECT_THAT(store().tasks.runsOfTask(id), SizeIs(2)) << "of both runs";
  world().advance(1s);
  EXPECT_EQ(prune(), 1);
}

TEST_P(History, OfATaskThatNeverRanGoesTooUnlessSomebodyHasJustCancelledIt) {
  const int alone = add();
  EXPECT_EQ(store().tasks.cancelTask(alone), CancelOutcome::Cancelled);
  const int late = add();
  world().advance(24h * 11);
  store().audit.actAs({"ada", "pages"});
  EXPECT_EQ(store().tasks.cancelTask(late), CancelOutcome::Cancelled);
  EXPECT_EQ(prune(), 1);
  EXPECT_FALSE(isThere(alone));
  EXPECT_TRUE(isThere(late));
  world().advance(24h * 11);
  EXPECT_EQ(prune(), 1);
}

TEST_P(History, OfAnEndedTaskWhoseUniqueKeyHoldsIsKept) {
  NewTask task = keyed("k");
  task.uniqueMode = UniqueMode::Window;
  task.uniqueSeconds = 86400 * 20;
  const int id = add(task);
  finish(claimOne(), RunStatus::Success);
  world().advance(24h * 15);
  EXPECT_EQ(prune(), 0);
  EXPECT_EQ(add(task), id) << "it stands for the new one still";
  world().advance(24h * 5);
  EXPECT_EQ(prune(), 1);
}

TEST_P(History, TheLastTaskOfAScheduleIsKept) {
  const int schedule = addSchedule("0 0 1 * *");
  std::vector<int> made;
  for (int month = 0; month < 2; ++month) {
    fireDueSchedules(store(), {});
    made.push_back(store().schedules.findSchedule(schedule)->lastTaskQueueId.value());
    finish(claimOne(), RunStatus::Success);
    world().advance(24h * 32);
  }
  EXPECT_EQ(prune(), 1);
  EXPECT_FALSE(isThere(made[0]));
  EXPECT_TRUE(isThere(made[1]));
}

TEST_P(History, GoesInBatchesAndNotAllInOnePass) {
  std::vector<int> live;
  for (int i = 0; i < 5; ++i) {
    live.push_back(add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 100 * kDay}));
    world().advance(1s);
  }
  std::vector<int> ended;
  for (int i = 0; i < 7; ++i) ended.push_back(addEnded());
  world().advance(24h * 11);
  limits_.rowsPerBatch = 2;
  limits_.batchesPerPass = 2;
  int passes = 0;
  int max = 0;
  for (int pruned = 0; pruned < 7 && passes < 20; ++passes) {
    const int now = prune();
    max = std::max(max, now);
    pruned += now;
  }
  EXPECT_LE(max, 4);
  EXPECT_GT(passes, 1);
  EXPECT_LT(passes, 20) << "those that stay are passed over";
  for (const int id : live) EXPECT_TRUE(isThere(id));
  for (const int id : ended) EXPECT_FALSE(isThere(id));
}

// ── records other than tasks ───────────────────────────────────────────────────────────────────────────────

TEST_P(History, FilesGoBeforeTheirTaskAndNotThoseOfALiveOne) {
  limits_ = {};
  const int ended = store().tasks.runsOfTask(addEnded()).at(0).id;
  world().putRunFile(ended, "a.txt", "text/plain", {"x", "y"});
  const int failed = store().tasks.runsOfTask(addFailed(100 * kDay)).at(0).id;
  world().putRunFile(failed, "a.txt", "text/plain", {"x"});
  world().advance(24h * 30);
  prune();
  EXPECT_THAT(store().tasks.filesOfRun(ended), SizeIs(1));
  world().advance(1s);
  const int young = store().tasks.runsOfTask(addEnded()).at(0).id;
  world().putRunFile(young, "a.txt", "text/plain", {"x"});
  prune();
  EXPECT_THAT(store().tasks.filesOfRun(ended), IsEmpty());
  EXPECT_TRUE(store().tasks.findRun(ended));
  EXPECT_THAT(store().tasks.filesOfRun(failed), SizeIs(1));
  EXPECT_THAT(store().tasks.filesOfRun(young), SizeIs(1));
}

TEST_P(History, FilesThatNobodyLimitsStay) {
  limits_ = {.fileDays = 0};
  const int run = store().tasks.runsOfTask(addEnded()).at(0).id;
  world().putRunFile(run, "a.txt", "text/plain", {"x"});
  world().advance(24h * 400);
  prune();
  EXPECT_THAT(store().tasks.filesOfRun(run), SizeIs(1));
}

TEST_P(History, AnIdempotencyKeyIsKnownForSomeDays) {
  const NewTask task{.taskHandlerClass = "Echo"};
  const IdempotencyKey key{"k", "hash"};
  const auto ask = [&] { return store().tasks.insertTasks(std::span(&task, 1), key); };
  const int id = ask().tasks.at(0).id;
  world().advance(24h * 30);
  prune();
  EXPECT_TRUE(ask().replayed);
  world().advance(1s);
  prune();
  EXPECT_FALSE(ask().replayed);
  EXPECT_TRUE(isThere(id));
}

TEST_P(History, TheRecordOfFiringsOutlivesWhatASchedulesLooksBackFor) {
  const int id = addSchedule("@daily");
  fireDueSchedules(store(), {});
  world().advance(24h * 400);
  prune();
  EXPECT_THAT(store().schedules.firingsOfSchedule(id, 10), SizeIs(1));
  world().advance(1s);
  prune();
  EXPECT_THAT(store().schedules.firingsOfSchedule(id, 10), IsEmpty());
  EXPECT_TRUE(store().schedules.findSchedule(id));
}

TEST_P(History, EndedRunnersGoButNotThoseThatWaitForTheirRescueOrWhoseHandlersCount) {
  leavesHostileRows();
  const int first = addRunner();
  const int dead = addRunner();
  add();
  ASSERT_THAT(store().runners.sync(syncOf(dead, 1)).claimed, SizeIs(1));
  store().runners.endRunner(first);
  world().setRunnerStatus(dead, RunnerStatus::Timeout);
  const int last = addRunner();
  store().runners.endRunner(last);
  world().advance(24h * 31);
  prune();
  std::vector<int> left;
  for (const Runner& runner : store().runners.findRunners(/*onlyRunning=*/false, 10))
    left.push_back(runner.id);
  EXPECT_THAT(left, ElementsAre(last, dead));
  EXPECT_TRUE(store().handlers.findHandler("Echo"));
}

TEST_P(History, WhoChangedWhatIsKeptUnlessSomebodySaysOtherwise) {
  store().audit.actAs({"ada", "pages"});
  store().handlers.setPaused(PauseKind::Queue, "slow", true, 0);
  world().advance(24h * 1000);
  prune();
  EXPECT_THAT(store().audit.findAudit(10), SizeIs(1));
  limits_.changeDays = 999;
  prune();
  EXPECT_THAT(store().audit.findAudit(10), IsEmpty());
}

// ── on the tables ──────────────────────────────────────────────────────────────────────────────────────────

class HistoryTables : public ::testing::Test {
 protected:
  static constexpr const char* kHistoryDatabase = "history_tables";
  static constexpr UnixSeconds kLongAgo = 1'600'000'000;

  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kHistoryDatabase);
    test_support::migrate(kHistoryDatabase);
  }
  HistoryTables() { test_support::emptyTables(store_.connection()); }

  void execute(const std::string& sql) {
    store_.connection().queryText(store_.connection().names().expand(sql));
  }
  std::int64_t count(const std::string& table) {
    return store_.connection()
        .queryText(store_.connection().names().expand("SELECT COUNT(*) FROM " + table))
        .at(0)
        .integer();
  }
  // Returns how often any statement has waited for a row lock.
  std::int64_t lockWaits() {
    auto row = store_.connection().queryText("SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'").at(0);
    row.text();
    return row.integer();
  }
  // Adds tasks that ended long ago, each with this many runs.
  void addEnded(int tasks, int runs) {
    const std::string ago = std::to_string(kLongAgo);
    execute("INSERT INTO {TaskQueue} (Id, QueuedOn, ScheduledOn, LastStatus, NextRunOn) SELECT seq, " + ago +
            ", " + ago + ", 'success', NULL FROM seq_1_to_" + std::to_string(tasks));
    execute(
        "INSERT INTO {TaskRuns} (TaskQueueId, Attempt, Status, FinishedOn) SELECT t.seq, r.seq, 'success', " +
        ago + " FROM seq_1_to_" + std::to_string(tasks) + " t, seq_1_to_" + std::to_string(runs) + " r");
  }

  store::MariaStore store_{test_support::settingsFor(kHistoryDatabase), test_support::cmsNames(),
                           [] { return platform::randomHex(16); }, [] { return 0.0; }};
};

TEST_F(HistoryTables, ATaskWithManyRunsGoesInSeveralTransactions) {
  addEnded(1, 1200);
  EXPECT_EQ(store_.maintenance.pruneTasks(kLongAgo + 1, 100).count, 0);
  EXPECT_EQ(count("{TaskRuns}"), 700);
  EXPECT_EQ(count("{TaskQueue}"), 1);
  EXPECT_EQ(pruneOld(store_.maintenance, store_.clock, {.keepDays = 1}), 1);
  EXPECT_EQ(count("{TaskRuns}") + count("{TaskQueue}"), 0);
}

TEST_F(HistoryTables, ATransactionTakesWholeTasksUpToItsRunsAndTheirOutput) {
  addEnded(7, 90);
  EXPECT_EQ(store_.maintenance.pruneTasks(kLongAgo + 1, 100).count, 5);
  EXPECT_EQ(count("{TaskRuns}"), 180);
  execute("UPDATE {TaskRuns} SET StandardOutputBytes = 3000000 WHERE Attempt <= 2");
  EXPECT_EQ(store_.maintenance.pruneTasks(kLongAgo + 1, 100).count, 1);
  EXPECT_EQ(count("{TaskRuns}"), 90);
  execute("UPDATE {TaskRuns} SET StandardOutputBytes = 9000000");
  EXPECT_EQ(store_.maintenance.pruneTasks(kLongAgo + 1, 100).count, 0);
  EXPECT_EQ(count("{TaskRuns}"), 89) << "one run at least";
}

TEST_F(HistoryTables, WhatSomebodyElseHasLockedIsPassedOverWithoutWaiting) {
  addEnded(10, 1);
  store::Connection other(test_support::settingsFor(kHistoryDatabase), test_support::cmsNames());
  const store::Transaction site(other);
  other.queryText(other.names().expand("SELECT Id FROM {TaskQueue} WHERE Id IN (2, 3) FOR UPDATE"));
  const std::int64_t before = lockWaits();
  EXPECT_EQ(pruneOld(store_.maintenance, store_.clock, {.keepDays = 1}), 8);
  EXPECT_EQ(lockWaits(), before);
  EXPECT_EQ(count("{TaskRuns}"), 2);
}

TEST_F(HistoryTables, RunnersAndEnqueuesGoOnWhileTasksArePruned) {
  addEnded(100, 3);
  const int runner = store_.runners.registerRunner(
      {.queues = {"default"}, .slots = 1}, std::vector<HandlerDeclaration>{{.taskHandlerClass = "Echo"}});
  const std::vector<NewTask> tasks(10, {.taskHandlerClass = "Echo"});
  store_.tasks.insertTasks(tasks, std::nullopt);
  store::Connection other(test_support::settingsFor(kHistoryDatabase), test_support::cmsNames());
  const store::Transaction pruning(other);
  for (const char* name : {"lock-ended", "prune-runs", "prune-tasks"}) {
    for (const store::Sql* sql : store::Sql::all()) {
      if (sql->name() != std::string_view(name)) continue;
      json::Writer ids;
      ids.startArray();
      for (int id = 1; id <= (sql->name() == std::string_view("prune-runs") ? 300 : 100); ++id) ids.value(id);
      other.query(*sql, {ids.endArray().text()});
    }
  }
  const std::int64_t before = lockWaits();
  SyncRequest request;
  request.taskRunnerId = runner;
  request.queues = {"default"};
  request.handlers = {"Echo"};
  request.claimLimit = 10;
  const auto claimed = store_.runners.sync(request).claimed;
  EXPECT_THAT(claimed, SizeIs(10));
  for (const ClaimedRun& run : claimed) request.ends.push_back({.owned = run.owned});
  EXPECT_THAT(store_.runners.sync(request).lostRuns, IsEmpty());
  store_.tasks.insertTasks(tasks, std::nullopt);
  EXPECT_EQ(lockWaits(), before);
}

TEST_F(HistoryTables, ManyTasksOfOneSecondThatStayKeepNobodyElse) {
  addEnded(20, 1);
  execute("UPDATE {TaskQueue} SET NextRunOn = 2000000000 WHERE Id <= 10");
  execute("UPDATE {TaskQueue} SET QueuedOn = QueuedOn + 1 WHERE Id > 12");
  int pruned = 0;
  for (int pass = 0; pass < 3; ++pass)
    pruned +=
        pruneOld(store_.maintenance, store_.clock, {.keepDays = 1, .rowsPerBatch = 4, .batchesPerPass = 10});
  EXPECT_EQ(pruned, 10) << "two of them are of the same second, behind those that stay";
  execute("UPDATE {TaskQueue} SET NextRunOn = NULL");
  EXPECT_EQ(pruneOld(store_.maintenance, store_.clock, {.keepDays = 1}), 10);
}

TEST_F(HistoryTables, CheckpointsOfEndedTasksGo) {
  addEnded(3, 1);
  execute("UPDATE {TaskQueue} SET NextRunOn = 2000000000 WHERE Id = 1");
  execute(
      "INSERT INTO {TaskCheckpoints} (TaskQueueId, UpdatedOn) VALUES (1, 1600000000), (2, 1600000000), "
      "(3, UNIX_TIMESTAMP() - 29 * 86400), (4711, 1600000000)");
  pruneOld(store_.maintenance, store_.clock, {});
  EXPECT_EQ(count("{TaskCheckpoints} WHERE TaskQueueId IN (1, 3)"), 2);
  EXPECT_EQ(count("{TaskCheckpoints}"), 2);
}

TEST_F(HistoryTables, FilesWhoseRunIsGoneGoWithThoseOfTheirTime) {
  addEnded(2, 1);
  execute("DELETE FROM {TaskRuns} WHERE TaskQueueId = 1");
  execute("INSERT INTO {TaskRunFiles} (TaskRunId, Name) SELECT MAX(Id) - 1, 'old' FROM {TaskRuns}");
  execute("INSERT INTO {TaskRunFiles} (TaskRunId, Name) SELECT MAX(Id) + 1, 'new' FROM {TaskRuns}");
  EXPECT_EQ(store_.maintenance.pruneRecords(RecordKind::RunFiles, kLongAgo + 1, 100), 1);
  EXPECT_EQ(count("{TaskRunFiles} WHERE Name = 'new'"), 1) << "its run may be on its way back";
}

TEST_F(HistoryTables, RecordsGoInBatches) {
  execute(
      "INSERT INTO {TaskQueueRequests} (IdempotencyKey, CreatedOn) SELECT seq, 1600000000 FROM seq_1_to_25");
  EXPECT_EQ(store_.maintenance.pruneRecords(RecordKind::Requests, kLongAgo + 1, 10), 10);
  pruneOld(store_.maintenance, store_.clock, {.rowsPerBatch = 5, .batchesPerPass = 2});
  EXPECT_EQ(count("{TaskQueueRequests}"), 5);
}

}  // namespace
}  // namespace taskqueue::contract
