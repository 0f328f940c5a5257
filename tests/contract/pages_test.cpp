// Data for the pages, and the audit of changes.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

class PageReads : public Contract {
 protected:
  std::vector<int> grid(const TaskGridRequest& request) {
    std::vector<int> ids;
    for (const Task& task : store().statistics.readTaskGrid(request).tasks) ids.push_back(task.id);
    return ids;
  }

  static TaskGridRequest by(TaskOrder order, bool descending = true) {
    TaskGridRequest request;
    request.order = order;
    request.descending = descending;
    return request;
  }

  std::vector<std::string> actionsOn(int taskId) {
    std::vector<std::string> actions;
    for (const AuditEntry& entry : store().audit.auditOfTask(taskId, 10)) actions.push_back(entry.action);
    return actions;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, PageReads, bothStores(), nameOf);

// ── the grid ───────────────────────────────────────────────────────────────────────────────────────────────

TEST_P(PageReads, AGridIsReadPageByPageInBothDirectionsInEveryOrder) {
  std::vector<int> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 100 * (5 - i)}));
    if (i % 2 == 0) world().advance(1s);
  }
  const std::vector<int> up = ids;
  const std::vector<int> down(ids.rbegin(), ids.rend());
  EXPECT_EQ(grid(by(TaskOrder::ById)), down);
  EXPECT_EQ(grid(by(TaskOrder::ById, false)), up);
  EXPECT_EQ(grid(by(TaskOrder::ByQueuedOn)), down);
  EXPECT_EQ(grid(by(TaskOrder::ByQueuedOn, false)), up);
  EXPECT_EQ(grid(by(TaskOrder::ByScheduledOn)), up);
  EXPECT_EQ(grid(by(TaskOrder::ByNextRunOn, false)), down);
  for (const TaskOrder order : {TaskOrder::ById, TaskOrder::ByQueuedOn, TaskOrder::ByScheduledOn}) {
    TaskGridRequest request = by(order);
    const std::vector<int> all = grid(request);
    request.filter.limit = 2;
    TaskGrid page = store().statistics.readTaskGrid(request);
    EXPECT_TRUE(page.more);
    EXPECT_THAT(page.tasks, ElementsAre(Field(&Task::id, all[0]), Field(&Task::id, all[1])));
    request.from = makeCursor(page.tasks.back(), order);
    EXPECT_EQ(grid(request), (std::vector<int>{all[2], all[3]}));
    const Task third = store().statistics.readTaskGrid(request).tasks.front();
    request.from = makeCursor(third, order);
    request.backwards = true;
    page = store().statistics.readTaskGrid(request);
    EXPECT_THAT(page.tasks, ElementsAre(Field(&Task::id, all[0]), Field(&Task::id, all[1])));
    EXPECT_FALSE(page.more);
  }
}

TEST_P(PageReads, EveryFilterOfAGridNarrowsInEveryOrder) {
  const int failed = add({.taskHandlerClass = "Echo", .title = "first"});
  RunEnd end = endOf(claimOne(), RunStatus::Error);
  end.errorCode = "broke";
  end.retryDelaySeconds = 1000;
  finish(end);
  world().advance(100s);
  const UnixSeconds later = store().clock.now();
  const int other = add({.taskHandlerClass = "Other", .queue = "slow", .title = "second"});
  const int parked = add({.taskHandlerClass = "Other", .title = "third"});
  store().runners.sync(syncOf(runner(), 10, {"Echo"}));  // no runner offers Other, so it is parked
  for (const TaskOrder order : {TaskOrder::ById, TaskOrder::ByQueuedOn}) {
    const auto found = [&](const TaskFilter& filter) {
      TaskGridRequest request = by(order);
      request.filter = filter;
      return grid(request);
    };
    EXPECT_THAT(found({.lastStatus = RunStatus::Error}), ElementsAre(failed));
    EXPECT_THAT(found({.taskHandlerClass = "Other"}), ElementsAre(parked, other));
    EXPECT_THAT(found({.queue = "slow"}), ElementsAre(other));
    EXPECT_THAT(found({.titlePart = "IRS"}), ElementsAre(failed));
    EXPECT_THAT(found({.errorCode = "broke"}), ElementsAre(failed));
    EXPECT_THAT(found({.errorCode = "other"}), IsEmpty());
    EXPECT_THAT(found({.queuedFrom = later}), ElementsAre(parked, other));
    EXPECT_THAT(found({.queuedUntil = later - 1}), ElementsAre(failed));
    EXPECT_THAT(found({.fromId = other}), ElementsAre(parked, other));
    EXPECT_THAT(found({.fromId = failed, .beforeId = parked}), ElementsAre(other, failed));
    EXPECT_THAT(found({.lastStatus = RunStatus::Error, .taskHandlerClass = "Other"}), IsEmpty());
    EXPECT_THAT(found({.lastStatus = RunStatus::Success, .taskHandlerClass = "Other"}), IsEmpty());
  }
  EXPECT_EQ(store().statistics.countUpTo({.taskHandlerClass = "Other"}, 10).value, 2);
  EXPECT_EQ(store().statistics.countUpTo({}, 2).value, 2);
  EXPECT_TRUE(store().statistics.countUpTo({}, 2).more);
  EXPECT_FALSE(store().statistics.countUpTo({}, 3).more);
  EXPECT_EQ(store().statistics.countUpTo({.errorCode = "broke"}, 1000).value, 1);
}

// ── at a glance ────────────────────────────────────────────────────────────────────────────────────────────

TEST_P(PageReads, TheNumbersSayWhatWaitsRunsAndFailed) {
  add({.taskHandlerClass = "Echo", .title = "runs"});
  const ClaimedRun run = claimOne();
  report(run, 40, "two fifths");
  addFailed(1000);
  add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() - 50, .queue = "slow"});
  add({.taskHandlerClass = "Echo", .scheduledOn = store().clock.now() + 500, .queue = "slow"});
  const QueueNumbers numbers = store().statistics.readQueueNumbers(100);
  EXPECT_EQ(numbers.waiting.value, 3);
  EXPECT_FALSE(numbers.waiting.more);
  EXPECT_EQ(numbers.running.value, 1);
  EXPECT_EQ(numbers.oldestDue, numbers.now - 50);
  EXPECT_TRUE(store().statistics.readQueueNumbers(2).waiting.more);
  const auto counts = store().statistics.countByState(10);
  EXPECT_EQ(counts.at(TaskState::Running).value, 1);
  EXPECT_EQ(counts.at(TaskState::Retrying).value, 1);
  EXPECT_EQ(counts.at(TaskState::Failed).value, 0);
  EXPECT_EQ(counts.at(TaskState::Waiting).value, 2);
  const auto depths = store().statistics.readQueueDepths(10, 100);
  ASSERT_EQ(depths.size(), 2U);
  EXPECT_EQ(depths[1].queue, "slow");
  EXPECT_EQ(depths[1].waiting.value, 2);
  EXPECT_EQ(depths[1].oldestDue, numbers.now - 50);
  const auto running = store().statistics.findRunningTasks(10);
  ASSERT_EQ(running.size(), 1U);
  EXPECT_EQ(running[0].title, "runs");
  EXPECT_EQ(running[0].run.percentsCompleted, 40);
}

TEST_P(PageReads, ARunnerThatLivesIsNotHiddenByNewerOnesThatHaveEnded) {
  const int living = runner();
  int newest = 0;
  for (int i = 0; i < 5; ++i) {
    newest = addRunner();
    store().runners.endRunner(newest);
  }
  const auto listed = store().runners.findRunners(/*onlyRunning=*/false, 2);
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].id, living);
  EXPECT_EQ(listed[1].id, newest);
}

TEST_P(PageReads, AMinuteIsSummedUpOnceWhenItIsOver) {
  add({.taskHandlerClass = "Echo"});
  RunEnd end = endOf(claimOne(), RunStatus::Success);
  end.runMs = 1000;
  finish(end);
  addFailed(1000);
  store().statistics.rollUpMinutes(10);
  EXPECT_THAT(store().statistics.readMinutes(store().clock.now() - 3600, 60), IsEmpty());
  world().advance(200s);
  EXPECT_GE(store().statistics.rollUpMinutes(10), 1);
  store().statistics.rollUpMinutes(10);
  const auto minutes = store().statistics.readMinutes(store().clock.now() - 3600, 3600 * 24);
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  for (const MinuteStats& part : minutes) {
    succeeded += part.succeeded;
    failed += part.failed;
  }
  EXPECT_EQ(succeeded, 1);
  EXPECT_EQ(failed, 1);
  const auto handlers = store().statistics.readHandlerStats(store().clock.now() - 3600);
  ASSERT_TRUE(handlers.contains("Echo"));
  EXPECT_EQ(handlers.at("Echo").sums.ended(), 2);
  EXPECT_EQ(handlers.at("Echo").sums.firstRuns, 2);
  EXPECT_NEAR(static_cast<double>(handlers.at("Echo").times.percentile(0.95).value_or(0)), 1000, 200);
  EXPECT_EQ(store().statistics.readMinutesByQueue(store().clock.now() - 3600).at("default").ended(), 2);
  EXPECT_THAT(store().statistics.readMinutes(store().clock.now() + 3600, 60), IsEmpty());
}

// ── audit ──────────────────────────────────────────────────────────────────────────────────────────────────

TEST_P(PageReads, AChangeIsRecordedWithWhoMadeItAndOnlyAChange) {
  const int id = add();
  store().audit.actAs({"ada", "pages"});
  EXPECT_EQ(store().tasks.retryTask(4711), RetryOutcome::NoSuchTask);
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Cancelled);
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::AlreadyEnded);
  EXPECT_EQ(store().tasks.retryTask(id), RetryOutcome::Scheduled);
  EXPECT_THAT(actionsOn(id), ElementsAre("retry", "cancel"));
  const int made = add();
  EXPECT_THAT(actionsOn(made), ElementsAre("enqueue"));
  EXPECT_TRUE(store().handlers.setPaused(PauseKind::Queue, "default", true, 0));
  EXPECT_FALSE(store().handlers.setPaused(PauseKind::Queue, "default", true, 0));
  store().handlers.setHandlerLimit("Echo", 3, std::nullopt, 0);
  const int runnerId = runner();
  EXPECT_TRUE(store().runners.requestDrain(runnerId));
  EXPECT_FALSE(store().runners.requestDrain(4711));
  EXPECT_TRUE(store().runners.requestStop(runnerId));
  EXPECT_FALSE(store().runners.requestStop(4711));
  store().audit.actAs({});
  EXPECT_TRUE(store().handlers.setPaused(PauseKind::Queue, "default", false, 0));
  AuditFilter byAda;
  byAda.by = "nobody-has-this-name";
  EXPECT_THAT(store().audit.searchAudit(byAda, 10).entries, IsEmpty());
  const AuditPage page = store().audit.searchAudit({}, 1);
  ASSERT_EQ(page.entries.size(), 1U);
  EXPECT_EQ(page.entries.front().id, page.next);
  AuditFilter older;
  older.beforeId = page.next;
  EXPECT_LT(store().audit.searchAudit(older, 1).entries.at(0).id, page.entries.front().id);
  const auto entries = store().audit.findAudit(10);
  ASSERT_EQ(entries.size(), 7U);
  EXPECT_THAT(entries[0], AllOf(Field(&AuditEntry::action, "stop"),
                                Field(&AuditEntry::subject, "runner " + std::to_string(runnerId))));
  EXPECT_THAT(entries[1], AllOf(Field(&AuditEntry::action, "drain"),
                                Field(&AuditEntry::subject, "runner " + std::to_string(runnerId))));
  EXPECT_THAT(entries[2],
              AllOf(Field(&AuditEntry::action, "limit"), Field(&AuditEntry::subject, "handler Echo")));
  EXPECT_THAT(entries[3],
              AllOf(Field(&AuditEntry::action, "pause"), Field(&AuditEntry::subject, "queue default")));
  for (const AuditEntry& entry : entries) EXPECT_EQ(entry.by.name, "ada");
  EXPECT_EQ(store().runners.findRunners(true, 1).at(0).drainRequestedOn.has_value(), true);
}

TEST_P(PageReads, WhenTheOverseerWasCalledIsKnown) {
  EXPECT_FALSE(store().maintenance.overseerMarkedOn());
  store().maintenance.markOverseer();
  EXPECT_EQ(store().maintenance.overseerMarkedOn(), store().clock.now());
}

TEST(RunTimes, PercentilesAreWithinABucket) {
  RunTimes times;
  EXPECT_FALSE(times.percentile(0.5));
  for (const int milliseconds : {10, 20, 30, 40, 100000}) {
    times.add(std::to_string(RunTimes::bucketOf(milliseconds)) + ":1");
  }
  EXPECT_NEAR(static_cast<double>(*times.percentile(0.5)), 30, 6);
  EXPECT_NEAR(static_cast<double>(*times.percentile(1)), 100000, 20000);
  times.add("x:1 2");
  times.add("");
  EXPECT_NEAR(static_cast<double>(*times.percentile(0.5)), 30, 6);
}

}  // namespace
}  // namespace taskqueue::contract
