// Firing schedules: due instants, missed ones, overlap, clock changes, and an overseer that is not called.
// Contract for both stores.
#include <map>

#include "module/queue/notification.h"
#include "module/queue/schedule/fire.h"
#include "module/queue/task_queue.h"
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ScheduleFiringRules : public Contract {
 protected:
  // Fires every ten minutes, first at the next full ten minutes after the start (22:13:20).
  int add(Missed missed, Overlap overlap, const std::string& cron = "*/10 * * * *") {
    ScheduleDefinition definition;
    definition.name = "schedule " + std::to_string(++names_);
    definition.taskHandlerClass = "Echo";
    definition.cronExpression = cron;
    definition.missed = missed;
    definition.missedLimit = 3;
    definition.overlap = overlap;
    return addFrom(definition, store().clock.now());
  }
  int addFrom(const ScheduleDefinition& definition, UnixSeconds now) {
    const auto times = std::get<FiringTimes>(parseFiringTimes(definition));
    return store().schedules.addSchedule(definition, times.after(now), 7).value();
  }
  FiringCounts fire(std::optional<UnixSeconds> now = std::nullopt) {
    return fireDueSchedules(store(), limits_, now);
  }
  // Returns the tasks, oldest first.
  std::vector<Task> tasks() {
    auto found = store().tasks.findTasks({.limit = 500});
    std::reverse(found.begin(), found.end());
    return found;
  }
  std::vector<UnixSeconds> instants() {
    std::vector<UnixSeconds> all;
    for (const Task& each : tasks()) all.push_back(each.scheduledOn.value());
    return all;
  }

  const UnixSeconds firstDue_ = store().clock.now() + 400;  // 22:20:00
  QueueLimits limits_;
  int names_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Stores, ScheduleFiringRules, bothStores(), nameOf);

TEST_P(ScheduleFiringRules, NothingFiresBeforeItsTimeAndEachInstantFiresOnce) {
  const int id = add(Missed::Once, Overlap::Queue);
  world().advance(399s);
  EXPECT_EQ(fire().fired, 0);
  world().advance(1s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_EQ(fire().fired, 0);
  world().advance(599s);
  EXPECT_EQ(fire().fired, 0);
  world().advance(1s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_THAT(instants(), ElementsAre(firstDue_, firstDue_ + 600));

  const Schedule schedule = store().schedules.findSchedule(id).value();
  EXPECT_EQ(schedule.lastFiredOn, firstDue_ + 600);
  EXPECT_EQ(schedule.nextFireOn, firstDue_ + 1200);
  EXPECT_EQ(schedule.lastTaskQueueId, tasks().back().id);
  const auto record = store().schedules.firingsOfSchedule(id, 10);
  ASSERT_EQ(record.size(), 2U);
  EXPECT_EQ(record[0].fireOn, firstDue_ + 600);
  EXPECT_EQ(record[0].firedOn, store().clock.now());
  EXPECT_EQ(record[0].taskQueueId, tasks().back().id);
}

TEST_P(ScheduleFiringRules, TheTaskIsWhatTheScheduleAndItsHandlerSay) {
  NewRunner self;
  self.identity.processId = 1;
  self.queues = {"default"};
  const std::vector<HandlerDeclaration> handlers{
      {.taskHandlerClass = "Echo",
       .kind = "cpp",
       .settings = {.maxRetries = 2, .queue = "slow", .priority = 8}}};
  store().runners.registerRunner(self, handlers);
  ScheduleDefinition definition;
  definition.name = "the name";
  definition.taskHandlerClass = "Echo";
  definition.taskData = R"({"message":"x"})";
  definition.cronExpression = "20 22 * * *";
  definition.priority = 1;
  addFrom(definition, store().clock.now());
  world().advance(430s);
  fire();
  const Task made = task(tasks().at(0).id);
  EXPECT_EQ(made.title, "the name");
  EXPECT_EQ(made.taskData, definition.taskData);
  EXPECT_EQ(made.scheduledOn, firstDue_);
  EXPECT_EQ(made.queuedOn, firstDue_ + 30);
  EXPECT_EQ(made.queuedById, 7);
  EXPECT_EQ(made.maxRetries, 2);
  EXPECT_EQ(made.queue, "slow");
  EXPECT_EQ(made.priority, 1) << "the schedule counts more than the handler";
}

TEST_P(ScheduleFiringRules, OfTheEndOfAFiredTaskIsToldWhomTheScheduleNames) {
  ScheduleDefinition definition;
  definition.name = "told";
  definition.taskHandlerClass = "Echo";
  definition.cronExpression = "20 22 * * *";
  definition.notifyOn = NotifyOn::Failure;
  definition.notifyTo = "https://cms.example/hook";
  definition.notifyLanguage = "de";
  addFrom(definition, store().clock.now());
  world().advance(400s);
  fire();
  const int id = tasks().at(0).id;
  const TaskNotification asked = store().tasks.findNotification(id);
  EXPECT_EQ(asked.on, NotifyOn::Failure);
  EXPECT_EQ(asked.to, definition.notifyTo);
  EXPECT_EQ(asked.language, "de");
  RunEnd failed = endOf(claimOne(), RunStatus::Error);
  failed.giveUp = true;
  finish(failed);
  const auto message = store().tasks.findNotification(id).taskId;
  ASSERT_TRUE(message);
  EXPECT_EQ(task(*message).taskHandlerClass, kWebhookHandler);
}

TEST_P(ScheduleFiringRules, AFiredTaskIsClaimedAtOnceAlsoWhenNoRunnerKnewItsHandler) {
  add(Missed::Once, Overlap::Queue);
  world().advance(400s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_EQ(claimOne().task.scheduledOn, firstDue_);
}

// ── missed instants ────────────────────────────────────────────────────────────────────────────────────────

TEST_P(ScheduleFiringRules, OfMissedTimesSkipMakesUpNothingAndOnceOneTask) {
  const int skip = add(Missed::Skip, Overlap::Queue);
  const int once = add(Missed::Once, Overlap::Queue);
  world().advance(400s + 50min + 301s);  // 23:15:01; the newest was due at 23:10
  const FiringCounts counts = fire();
  EXPECT_EQ(counts.fired, 1);
  EXPECT_EQ(counts.missed, 6 + 5);
  EXPECT_THAT(instants(), ElementsAre(firstDue_ + 3000));
  EXPECT_EQ(store().schedules.findSchedule(skip)->lastTaskQueueId, std::nullopt);
  EXPECT_EQ(store().schedules.findSchedule(once)->lastTaskQueueId, tasks().at(0).id);
  for (const int id : {skip, once}) {
    EXPECT_EQ(store().schedules.findSchedule(id)->nextFireOn, firstDue_ + 3600);
    const auto record = store().schedules.firingsOfSchedule(id, 10);
    EXPECT_EQ(record.at(0).outcome, FiringOutcome::Missed);
    EXPECT_EQ(record.at(0).fireOn, firstDue_);
    EXPECT_EQ(record.at(0).missedCount, id == skip ? 6 : 5);
    EXPECT_EQ(record.at(0).taskQueueId, std::nullopt);
  }
}

TEST_P(ScheduleFiringRules, WhatIsOnlyALittleLateIsNotMissed) {
  add(Missed::Skip, Overlap::Queue);
  world().advance(400s + 300s);
  EXPECT_EQ(fire().fired, 1);
  world().advance(600s + 1s);
  EXPECT_EQ(fire().fired, 0);
}

TEST_P(ScheduleFiringRules, AllMakesUpTheNewestUpToTheLimitInTheirOrder) {
  add(Missed::All, Overlap::Queue);
  world().advance(400s + 50min);
  const FiringCounts counts = fire();
  EXPECT_EQ(counts.fired, 3);
  EXPECT_EQ(counts.missed, 3);
  EXPECT_THAT(instants(), ElementsAre(firstDue_ + 1800, firstDue_ + 2400, firstDue_ + 3000));
}

TEST_P(ScheduleFiringRules, YearsOfSilenceAreCountedWithinALimit) {
  add(Missed::Once, Overlap::Queue, "* * * * *");
  world().advance(std::chrono::hours(3 * 366 * 24));
  const FiringCounts counts = fire();
  EXPECT_EQ(counts.fired, 1);
  EXPECT_EQ(counts.missed, 366 * 1440 - 1) << "the last 366 days";
}

// ── overlap ────────────────────────────────────────────────────────────────────────────────────────────────

TEST_P(ScheduleFiringRules, SkipMakesNoTaskWhileTheEarlierOneIsLive) {
  const int id = add(Missed::Once, Overlap::Skip);
  world().advance(400s);
  EXPECT_EQ(fire().fired, 1);
  const ClaimedRun running = claimOne();
  world().advance(600s);
  EXPECT_EQ(fire().skipped, 1);
  EXPECT_EQ(tasks().size(), 1U);
  const auto record = store().schedules.firingsOfSchedule(id, 1);
  EXPECT_EQ(record.at(0).outcome, FiringOutcome::Skipped);
  EXPECT_EQ(record.at(0).taskQueueId, running.task.id);
  RunEnd failed = endOf(running, RunStatus::Error);
  failed.retryDelaySeconds = 3600;
  finish(failed);
  world().advance(600s);
  EXPECT_EQ(fire().skipped, 1) << "it waits for its next try";
  store().tasks.cancelTask(running.task.id);
  world().advance(600s);
  EXPECT_EQ(fire().fired, 1);
}

TEST_P(ScheduleFiringRules, QueueMakesTheTaskBesides) {
  add(Missed::Once, Overlap::Queue);
  world().advance(400s);
  fire();
  claimOne();
  world().advance(600s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_EQ(claim().size(), 1U);
}

TEST_P(ScheduleFiringRules, ReplaceCancelsWhatWaitsAndDoesNotRetryWhatRuns) {
  add(Missed::Once, Overlap::Replace);
  world().advance(400s);
  fire();
  world().advance(600s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_EQ(tasks().at(0).lastStatus, RunStatus::Cancelled);
  const ClaimedRun running = claimOne();
  world().advance(600s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_TRUE(task(running.task.id).superseded);
  finish(running, RunStatus::Error);
  EXPECT_EQ(task(running.task.id).nextRunOn, std::nullopt) << "it is not tried again";
}

// ── rows written by others ─────────────────────────────────────────────────────────────────────────────────

TEST_P(ScheduleFiringRules, ARowThatNobodyHasLookedAtGetsItsNextTimeAndDoesNotFire) {
  ScheduleDefinition definition;
  definition.name = "plain";
  definition.taskHandlerClass = "Echo";
  definition.cronExpression = "*/10 * * * *";
  const int id = store().schedules.addSchedule(definition, kUnscheduled, 0).value();
  EXPECT_EQ(fire().fired, 0);
  EXPECT_EQ(store().schedules.findSchedule(id)->nextFireOn, firstDue_);
  EXPECT_THAT(store().schedules.firingsOfSchedule(id, 10), IsEmpty());
}

TEST_P(ScheduleFiringRules, ARowThatCannotBeReadSaysSoAndTheOthersFire) {
  ScheduleDefinition broken;
  broken.name = "broken";
  broken.taskHandlerClass = "Echo";
  broken.cronExpression = "61 * * * *";
  const int id = store().schedules.addSchedule(broken, store().clock.now(), 0).value();
  broken.name = "elsewhere";
  broken.cronExpression = "* * * * *";
  broken.timeZone = "Atlantis";
  const int elsewhere = store().schedules.addSchedule(broken, store().clock.now(), 0).value();
  add(Missed::Once, Overlap::Queue);
  world().advance(400s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_THAT(store().schedules.findSchedule(id)->problem, HasSubstr("CronExpression minute: 61"));
  EXPECT_THAT(store().schedules.findSchedule(elsewhere)->problem, HasSubstr("TimeZone"));
  EXPECT_EQ(store().schedules.findSchedule(id)->nextFireOn, std::nullopt);
  EXPECT_EQ(store().maintenance.findOverseerFacts().brokenSchedules, 2);
}

TEST_P(ScheduleFiringRules, AnOldRowThatAnEditorPutBackFiresNothingTwice) {
  const int id = add(Missed::All, Overlap::Queue);
  const Schedule old = store().schedules.findSchedule(id).value();
  world().advance(400s + 10min);
  EXPECT_EQ(fire().fired, 2);
  store().schedules.changeSchedule(id, old.definition, old.nextFireOn);
  world().advance(600s);
  EXPECT_EQ(fire().fired, 1);
  EXPECT_THAT(instants(), ElementsAre(firstDue_, firstDue_ + 600, firstDue_ + 1200));
}

TEST_P(ScheduleFiringRules, APlanMadeFromAnOldRowDoesNothing) {
  const int id = add(Missed::Once, Overlap::Queue);
  const Schedule old = store().schedules.findSchedule(id).value();
  world().advance(400s);
  const FiringPlan plan = planFirings(old, store().clock.now(), {}, limits_);
  EXPECT_TRUE(store().schedules.fireSchedule(plan).done);
  EXPECT_FALSE(store().schedules.fireSchedule(plan).done);
  EXPECT_EQ(tasks().size(), 1U);
}

// ── clock changes ──────────────────────────────────────────────────────────────────────────────────────────

// Europe/Riga: the overseer runs each minute of a whole weekend, by a clock that the test moves.
class DstWeekend : public ScheduleFiringRules {
 protected:
  int fireEachMinute(const std::string& cron, UnixSeconds from) {
    ScheduleDefinition definition;
    definition.name = cron;
    definition.taskHandlerClass = "Echo";
    definition.cronExpression = cron;
    definition.timeZone = "Europe/Riga";
    definition.overlap = Overlap::Queue;
    const int id = addFrom(definition, from);
    for (UnixSeconds now = from; now < from + 48 * 3600; now += 60) fire(now);
    return id;
  }
  // Returns the recorded instants as hours and minutes in UTC, oldest first.
  std::vector<std::string> firedAt(int id) {
    std::vector<std::string> times;
    for (const ScheduleFiring& firing : store().schedules.firingsOfSchedule(id, 500)) {
      const UnixSeconds minutes = *firing.fireOn / 60 % 1440;
      char text[8];
      std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(minutes / 60),
                    static_cast<int>(minutes % 60));
      times.emplace(times.begin(), text);
    }
    return times;
  }

  const UnixSeconds spring_ = 1774648800;  // 2026-03-28 00:00 in Riga; on the 29th 03:00+2 becomes 04:00+3
  const UnixSeconds autumn_ = 1792789200;  // 2026-10-24 00:00 in Riga; on the 25th 04:00+3 becomes 03:00+2
};
INSTANTIATE_TEST_SUITE_P(Stores, DstWeekend, bothStores(), nameOf);

TEST_P(DstWeekend, InSpringATimeInTheGapFiresOnceBehindIt) {
  EXPECT_THAT(firedAt(fireEachMinute("30 3 * * *", spring_)), ElementsAre("01:30", "01:00"));
  EXPECT_THAT(firedAt(fireEachMinute("0 5 * * *", spring_)), ElementsAre("03:00", "02:00"));
}

TEST_P(DstWeekend, InAutumnATimeThatComesTwiceFiresOnce) {
  EXPECT_THAT(firedAt(fireEachMinute("30 3 * * *", autumn_)), ElementsAre("00:30", "00:30"));
  EXPECT_THAT(firedAt(fireEachMinute("0 5 * * *", autumn_)), ElementsAre("02:00", "03:00"));
}

TEST_P(DstWeekend, EverySoOftenGoesOnByRealTime) {
  for (const UnixSeconds from : {spring_, autumn_}) {
    const int id = fireEachMinute("*/30 * * * *", from);
    const auto record = store().schedules.firingsOfSchedule(id, 500);
    EXPECT_EQ(record.size(), 95U) << "every half hour after the first of 48 hours";
    for (std::size_t i = 1; i < record.size(); ++i)
      EXPECT_EQ(*record[i - 1].fireOn - *record[i].fireOn, 1800);
    store().schedules.removeSchedule(id);
  }
}

// ── a silent overseer ──────────────────────────────────────────────────────────────────────────────────────

TEST_P(ScheduleFiringRules, ARunnerStandsInForASilentOverseerOnly) {
  LeaseWatch leaseWatch(60s);
  TaskQueue queue(store(), {}, {}, leaseWatch, limits_);
  add(Missed::Once, Overlap::Queue);
  EXPECT_EQ(queue.processQueue().firings.fired, 0);
  EXPECT_EQ(store().maintenance.findOverseerFacts().overseerPassedOn, store().clock.now());
  world().advance(90s);
  EXPECT_FALSE(queue.runFallbackPass());
  EXPECT_EQ(store().maintenance.findOverseerFacts().fallbackPassedOn, std::nullopt);
  world().advance(310s);
  const auto counts = queue.runFallbackPass();
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->fired, 1);
  EXPECT_EQ(store().maintenance.findOverseerFacts().fallbackPassedOn, store().clock.now());
  EXPECT_EQ(queue.processQueue().firings.fired, 0) << "it is fired already";
  EXPECT_FALSE(queue.runFallbackPass());
}

TEST_P(ScheduleFiringRules, AnOverseerThatNeverCameIsSilent) {
  LeaseWatch leaseWatch(60s);
  TaskQueue queue(store(), {}, {}, leaseWatch, limits_);
  EXPECT_TRUE(queue.runFallbackPass());
}

}  // namespace
}  // namespace taskqueue::contract
