// A subscriber of a task is notified once of each final end, whatever caused it, and of nothing else.
#include <gmock/gmock.h>

#include "module/json/read.h"
#include "module/platform/queue_dependencies.h"
#include "module/queue/notification.h"
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Notification : public Contract {
 protected:
  int addTold(NotifyOn on = NotifyOn::Both, const std::string& to = "ada@example.com") {
    return add({.taskHandlerClass = "Echo", .maxRetries = 2, .notifyOn = on, .notifyTo = to});
  }
  static NewTask toldAndKeyed(UniqueMode mode = UniqueMode::Keep) {
    return {.taskHandlerClass = "Echo",
            .maxRetries = 2,
            .uniqueKey = "k",
            .uniqueMode = mode,
            .notifyOn = NotifyOn::Both,
            .notifyTo = "ada@example.com"};
  }

  // Returns all notifications, oldest first.
  std::vector<Task> notifications() {
    std::vector<Task> found;
    for (const Task& listed : store().tasks.findTasks({.limit = 1000})) {
      if (listed.taskHandlerClass == kMailHandler || listed.taskHandlerClass == kWebhookHandler)
        found.insert(found.begin(), task(listed.id));
    }
    return found;
  }
  // Returns the LastStatus that each notification reports.
  std::vector<std::string> told() {
    std::vector<std::string> words;
    for (const Task& notification : notifications()) words.push_back(messageText(notification, "LastStatus"));
    return words;
  }
  static json::Document dataOf(const Task& task) {
    auto parsed = json::read(task.taskData, {.bytes = INT64_MAX});
    return std::move(std::get<json::Document>(parsed));
  }
  static std::string messageText(const Task& task, const char* member) {
    const auto data = dataOf(task);
    return std::string(json::textMember(data.FindMember("Message")->value, member).value_or("(none)"));
  }

  void fail(bool giveUp = false) {
    RunEnd end = endOf(claimOne(), RunStatus::Error);
    end.giveUp = giveUp;
    end.errorMessage = "it broke";
    finish(end);
  }
  void succeed() { finish(claimOne(), RunStatus::Success); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Notification, bothStores(), nameOf);

TEST_P(Notification, IsATaskThatTellsWhatWasTrueAtTheEnd) {
  const int id = add({.taskHandlerClass = "Echo",
                      .queuedById = 17,
                      .title = "Prices \"spring\"",
                      .notifyOn = NotifyOn::Failure,
                      .notifyTo = "https://cms.example/hook?of=1",
                      .notifyLanguage = "de"});
  fail(/*giveUp=*/true);
  ASSERT_THAT(notifications(), SizeIs(1));
  const Task notification = notifications().at(0);
  EXPECT_EQ(notification.taskHandlerClass, kWebhookHandler);
  EXPECT_EQ(notification.queue, kDefaultQueue);
  EXPECT_EQ(notification.priority, kNotificationPriority);
  EXPECT_EQ(notification.maxRetries, kNotificationMaxRetries);
  EXPECT_EQ(notification.queuedById, 17);
  EXPECT_TRUE(notification.nextRunOn);
  const auto data = dataOf(notification);
  EXPECT_EQ(json::textMember(data, "To"), "https://cms.example/hook?of=1");
  EXPECT_EQ(json::textMember(data, "Language"), "de");
  const auto& message = data.FindMember("Message")->value;
  EXPECT_EQ(json::integerMember(message, "TaskQueueId"), id);
  EXPECT_EQ(json::integerMember(message, "TaskRunId"), store().tasks.runsOfTask(id).at(0).id);
  EXPECT_EQ(json::textMember(message, "Event"), "task.ended");
  EXPECT_EQ(json::textMember(message, "Title"), "Prices \"spring\"");
  EXPECT_EQ(json::textMember(message, "LastStatus"), "error");
  EXPECT_EQ(json::textMember(message, "ErrorMessage"), "it broke");
  EXPECT_EQ(json::integerMember(message, "EndedOn"), store().clock.now());

  const TaskNotification asked = store().tasks.findNotification(id);
  EXPECT_EQ(asked.on, NotifyOn::Failure);
  EXPECT_EQ(asked.to, "https://cms.example/hook?of=1");
  EXPECT_EQ(asked.language, "de");
  EXPECT_EQ(asked.taskId, notification.id);
}

TEST_P(Notification, ComesAtTheEndsThatWereAskedForAndAtNoOther) {
  struct Case {
    NotifyOn on;
    bool ofSuccess;
    bool ofFailure;
  };
  for (const auto& [on, ofSuccess, ofFailure] :
       {Case{NotifyOn::Never, false, false}, Case{NotifyOn::Success, true, false},
        Case{NotifyOn::Failure, false, true}, Case{NotifyOn::Both, true, true}}) {
    const std::size_t before = notifications().size();
    addTold(on);
    succeed();
    EXPECT_EQ(notifications().size() - before, ofSuccess ? 1U : 0U) << toString(on);
    addTold(on);
    fail(/*giveUp=*/true);
    EXPECT_EQ(notifications().size() - before, (ofSuccess ? 1U : 0U) + (ofFailure ? 1U : 0U)) << toString(on);
  }
}

TEST_P(Notification, ComesWithTheSuccessThatHasResults) {
  addTold();
  RunEnd end = endOf(claimOne(), RunStatus::Success);
  end.results = R"({"rows":3})";
  finish(end);
  EXPECT_THAT(told(), ElementsAre("success"));
}

TEST_P(Notification, DoesNotComeWhileTheTaskIsTriedAgain) {
  addTold();
  fail();
  EXPECT_THAT(told(), IsEmpty());
  fail();
  EXPECT_THAT(told(), ElementsAre("error"));
}

TEST_P(Notification, ComesOnceHoweverOftenTheEndIsWritten) {
  addTold();
  const ClaimedRun run = claimOne();
  finish(run, RunStatus::Success);
  finish(run, RunStatus::Success);
  store().maintenance.recountTask(run.task.id);
  EXPECT_THAT(told(), ElementsAre("success"));
}

TEST_P(Notification, ComesWhenAWaitingTaskIsCancelled) {
  const int id = addTold();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Cancelled);
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::AlreadyEnded);
  EXPECT_THAT(told(), ElementsAre("cancelled"));
}

TEST_P(Notification, ComesWhenARunningTaskIsCancelledAndNotBefore) {
  const int id = addTold();
  const ClaimedRun run = claimOne();
  EXPECT_EQ(store().tasks.cancelTask(id), CancelOutcome::Requested);
  EXPECT_THAT(told(), IsEmpty());
  finish(run, RunStatus::Error);
  EXPECT_THAT(told(), ElementsAre("cancelled"));
}

TEST_P(Notification, ComesWhenACancelledRunIsReleased) {
  const int id = addTold();
  const ClaimedRun run = claimOne();
  store().tasks.cancelTask(id);
  release(run);
  EXPECT_THAT(told(), ElementsAre("cancelled"));
}

TEST_P(Notification, DoesNotComeForARunThatIsReleased) {
  addTold();
  release(claimOne());
  EXPECT_THAT(told(), IsEmpty());
}

TEST_P(Notification, ComesWhenTheRescueOfARunIsTheEnd) {
  addTold();
  const int dead = addRunner();
  ASSERT_THAT(store().runners.sync(syncOf(dead, 1)).claimed, SizeIs(1));
  store().runners.timeOutRunner(dead, {.retry = {.delay = 0s, .jitter = 0}});
  EXPECT_THAT(told(), IsEmpty()) << "it is tried again";
  const int next = addRunner();
  ASSERT_THAT(store().runners.sync(syncOf(next, 1)).claimed, SizeIs(1));
  store().runners.timeOutRunner(next, {.retry = {.delay = 0s, .jitter = 0}});
  EXPECT_THAT(told(), ElementsAre("timeout"));
}

TEST_P(Notification, ComesWhenAWaitingTaskGivesWay) {
  const auto first = store().tasks.insertTasks(std::vector{toldAndKeyed()}, std::nullopt);
  store().tasks.insertTasks(std::vector{toldAndKeyed(UniqueMode::Replace)}, std::nullopt);
  EXPECT_THAT(told(), ElementsAre("cancelled"));
  EXPECT_EQ(store().tasks.findNotification(first.tasks.at(0).id).taskId, notifications().at(0).id);
  EXPECT_THAT(notifications().at(0).taskData, HasSubstr("\"Superseded\":true"));
}

TEST_P(Notification, OfARunningTaskThatGaveWayComesWithItsOwnEnd) {
  store().tasks.insertTasks(std::vector{toldAndKeyed()}, std::nullopt);
  const ClaimedRun running = claimOne();
  store().tasks.insertTasks(std::vector{toldAndKeyed(UniqueMode::Replace)}, std::nullopt);
  EXPECT_THAT(told(), IsEmpty());
  finish(running, RunStatus::Error);
  EXPECT_THAT(told(), ElementsAre("error"));
}

TEST_P(Notification, ComesWhenAClaimFindsThatNothingMayBeTried) {
  const int id = addTold();
  world().setMaxRetries(id, 0);
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_THAT(told(), ElementsAre("cancelled"));
  world().putBackNextRunOn(id, store().clock.now());
  EXPECT_THAT(claim(), IsEmpty());
  EXPECT_THAT(told(), SizeIs(1));
}

TEST_P(Notification, ComesWhenSomebodyElseHasEndedTheRun) {
  leavesHostileRows();
  const int id = addTold();
  world().setRunStatus(claimOne().owned.runId, RunStatus::Success);
  EXPECT_THAT(told(), IsEmpty());
  store().maintenance.recountTask(id);
  EXPECT_THAT(told(), ElementsAre("success"));
}

TEST_P(Notification, DoesNotComeAgainWhenAnEditorPutsBackAnOldRow) {
  const int id = addTold();
  succeed();
  const int message = notifications().at(0).id;
  world().putBackRunningTask(id);
  store().maintenance.recountTask(id);
  EXPECT_THAT(told(), ElementsAre("success"));
  EXPECT_EQ(store().tasks.findNotification(id).taskId, message);
  const int teller = addRunner({kMailHandler});
  const auto claimed = store().runners.sync(syncOf(teller, 1, {kMailHandler})).claimed;
  ASSERT_THAT(claimed, SizeIs(1));
  finish(claimed[0], RunStatus::Success);
  world().advance(48h);
  world().putBackRunningTask(id);
  store().maintenance.recountTask(id);
  EXPECT_THAT(told(), ElementsAre("success")) << "also when it has been sent";
  EXPECT_EQ(store().tasks.findNotification(id).taskId, message);
}

TEST_P(Notification, ComesAgainForTheEndThatARetryLeadsTo) {
  const int id = addTold();
  fail(/*giveUp=*/true);
  store().tasks.retryTask(id);
  EXPECT_FALSE(store().tasks.findNotification(id).taskId);
  succeed();
  EXPECT_THAT(told(), ElementsAre("error", "success"));
  EXPECT_EQ(store().tasks.findNotification(id).taskId, notifications().back().id);
}

TEST_P(Notification, IsNotToldOfItself) {
  addTold();
  succeed();
  const auto claimed = store().runners.sync(syncOf(addRunner({kMailHandler}), 10, {kMailHandler})).claimed;
  ASSERT_THAT(claimed, SizeIs(1));
  EXPECT_EQ(store().tasks.findNotification(claimed[0].task.id).on, NotifyOn::Never);
  RunEnd end = endOf(claimed[0], RunStatus::Error);
  end.giveUp = true;
  finish(end);
  EXPECT_THAT(notifications(), SizeIs(1));
}

TEST_P(Notification, OfManyEndsInOneTickComeEachToItsOwn) {
  std::vector<int> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(addTold(i == 1 ? NotifyOn::Never : NotifyOn::Both));
  SyncRequest request = syncOf(runner(), 0);
  for (const ClaimedRun& run : claim()) request.ends.push_back(endOf(run, RunStatus::Success));
  store().runners.sync(request);
  const auto all = notifications();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(store().tasks.findNotification(ids[0]).taskId, all[0].id);
  EXPECT_EQ(store().tasks.findNotification(ids[1]).taskId, std::nullopt);
  EXPECT_EQ(store().tasks.findNotification(ids[2]).taskId, all[1].id);
}

// ── operators ──────────────────────────────────────────────────────────────────────────────────────────────

class Alerts : public Notification {
 protected:
  Alerts() {
    configuration_.notify.operators = {"ops@example.com", "https://chat.example/hook"};
    configuration_.notify.failuresOf = {"*"};
  }
  // An overseer pass, after a minute in which the runner was alive.
  void pass() {
    world().advance(2min);
    store().runners.heartbeat(runner(), {});
    TaskQueue queue(store(), platform::makeQueueDependencies(configuration_), {}, leaseWatch_,
                    configuration_.limits);
    queue.processQueue();
  }
  // Returns handler class and subject of the operators' messages for this event, one per operator.
  std::vector<std::string> messages(const std::string& event) {
    std::vector<std::string> found;
    for (const Task& notification : notifications()) {
      if (messageText(notification, "Event") == event)
        found.push_back(notification.taskHandlerClass + " " + messageText(notification, "Subject"));
    }
    return found;
  }

  platform::Configuration configuration_;
  LeaseWatch leaseWatch_{60s};
};
INSTANTIATE_TEST_SUITE_P(Stores, Alerts, bothStores(), nameOf);

TEST_P(Alerts, TellOfAHandlerWhoseTaskFailedForGood) {
  add();
  succeed();
  add({.taskHandlerClass = "Echo", .maxRetries = 2});
  fail();
  pass();
  EXPECT_THAT(messages("handler.failed"), IsEmpty()) << "it is tried again";
  fail();
  pass();
  EXPECT_THAT(messages("handler.failed"),
              ElementsAre(std::string(kMailHandler) + " Echo", std::string(kWebhookHandler) + " Echo"));
  for (const Task& notification : notifications()) {
    if (messageText(notification, "Event") != "handler.failed") continue;
    EXPECT_THAT(notification.taskData, HasSubstr(R"("FailedTasks":1)")) << "both runs are of one task";
    EXPECT_THAT(notification.taskData, HasSubstr(R"("TaskHandlerClass":"Echo")"));
  }
}

TEST_P(Alerts, TellOfAQueueThatWaitsUnlessSomebodyPausedIt) {
  configuration_.notify.operators = {"ops@example.com"};
  add({.taskHandlerClass = "Echo", .queue = "slow"});
  store().handlers.setPaused(PauseKind::Queue, "slow", true, -1);
  pass();
  EXPECT_THAT(messages("queue.waits"), IsEmpty());
  EXPECT_THAT(messages("paused"), IsEmpty()) << "a pause of two minutes is known to who made it";
  store().handlers.setPaused(PauseKind::Queue, "slow", false, -1);
  pass();
  EXPECT_THAT(messages("queue.waits"), Contains(std::string(kMailHandler) + " slow"));
}

TEST_P(Alerts, TellOfAPauseThatHasLastedForLonger) {
  configuration_.notify.operators = {"ops@example.com"};
  store().handlers.setPaused(PauseKind::Queue, "slow", true, -1);
  world().advance(24h);
  pass();
  EXPECT_THAT(messages("paused"), ElementsAre(std::string(kMailHandler) + " slow"));
}

TEST_P(Alerts, TellOfTheOverseerWhenARunnerStandsInForIt) {
  configuration_.notify.operators = {"ops@example.com"};
  TaskQueue queue(store(), platform::makeQueueDependencies(configuration_), {}, leaseWatch_,
                  configuration_.limits);
  pass();
  EXPECT_THAT(messages("overseer.late"), IsEmpty());
  world().advance(2min);
  EXPECT_TRUE(queue.runFallbackPass());
  EXPECT_THAT(messages("overseer.late"), ElementsAre(std::string(kMailHandler) + " "));
}

TEST_P(Alerts, AreSentOnceForEachCauseAndOperatorUntilTheHourIsOver) {
  for (int i = 0; i < 3; ++i) {
    add({.taskHandlerClass = "Echo", .maxRetries = 1});
    fail();
    pass();
  }
  EXPECT_THAT(messages("handler.failed"), SizeIs(2));
  const std::vector<std::string> tellers{kMailHandler, kWebhookHandler};
  for (const ClaimedRun& run : store().runners.sync(syncOf(addRunner(tellers), 100, tellers)).claimed)
    finish(run, RunStatus::Success);
  pass();
  EXPECT_THAT(messages("handler.failed"), SizeIs(2)) << "the hour is not over";
  world().advance(1h);
  add({.taskHandlerClass = "Echo", .maxRetries = 1});
  fail();
  pass();
  EXPECT_THAT(messages("handler.failed"), SizeIs(4));
}

TEST_P(Alerts, AreOfTheHandlersThatOperatorsWantToHearOf) {
  configuration_.notify.failuresOf = {"Other"};
  add();
  fail(/*giveUp=*/true);
  pass();
  EXPECT_THAT(messages("handler.failed"), IsEmpty());
}

}  // namespace
}  // namespace taskqueue::contract
