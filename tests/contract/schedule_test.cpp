// Schedules: they are created, changed and removed, and invalid ones are rejected.
#include "module/queue/schedule/schedules.h"

#include "module/json/task_data.h"
#include "module/queue/notification.h"
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ScheduleEditing : public Contract {
 protected:
  ScheduleEditing() : queue_(store(), dependencies(), {}, leaseWatch_, limits_) { runner(); }

  static QueueDependencies dependencies() {
    return {.checkTaskData = [](auto data, auto schema) {
      return json::checkTaskData(data, schema, json::taskDataLimits({}));
    }};
  }
  static ScheduleDefinition daily(const std::string& name = "nightly") {
    ScheduleDefinition definition;
    definition.name = name;
    definition.taskHandlerClass = "Echo";
    definition.cronExpression = "@daily";
    return definition;
  }
  int added(const ScheduleDefinition& definition) { return schedules_.add(definition, -1).id.value(); }
  // Returns the rejected members; the first must have this problem.
  std::vector<std::string> refused(const ScheduleDefinition& definition, const std::string& problem = "") {
    std::vector<std::string> members;
    const auto result = schedules_.add(definition, -1);
    EXPECT_FALSE(result.id);
    for (const InputError& error : result.errors) members.push_back(error.member);
    if (!result.errors.empty()) {
      EXPECT_THAT(result.errors.front().problem, HasSubstr(problem));
    }
    EXPECT_THAT(store().schedules.findSchedules(10), IsEmpty());
    return members;
  }

  QueueLimits limits_;
  LeaseWatch leaseWatch_{60s};
  TaskQueue queue_;
  Schedules schedules_{store(), queue_, limits_};
};
INSTANTIATE_TEST_SUITE_P(Stores, ScheduleEditing, bothStores(), nameOf);

TEST_P(ScheduleEditing, WhatWasSaidIsReadBack) {
  ScheduleDefinition definition = daily();
  definition.taskData = R"({"message":"Zürich"})";
  definition.timeZone = "Europe/Zurich";
  definition.missed = Missed::All;
  definition.missedLimit = 7;
  definition.overlap = Overlap::Replace;
  definition.queue = "slow";
  definition.priority = 0;
  definition.maxRetries = 3;
  addRunner({"Echo", kWebhookHandler});
  definition.notifyOn = NotifyOn::Failure;
  definition.notifyTo = "https://cms.example/hook";
  definition.notifyLanguage = "de";
  const Schedule read = store().schedules.findSchedule(added(definition)).value();
  EXPECT_EQ(read.definition.name, "nightly");
  EXPECT_EQ(read.definition.taskHandlerClass, "Echo");
  EXPECT_EQ(read.definition.taskData, definition.taskData);
  EXPECT_EQ(read.definition.cronExpression, "@daily");
  EXPECT_EQ(read.definition.timeZone, "Europe/Zurich");
  EXPECT_EQ(read.definition.missed, Missed::All);
  EXPECT_EQ(read.definition.missedLimit, 7);
  EXPECT_EQ(read.definition.overlap, Overlap::Replace);
  EXPECT_TRUE(read.definition.enabled);
  EXPECT_EQ(read.definition.queue, "slow");
  EXPECT_EQ(read.definition.priority, 0);
  EXPECT_EQ(read.definition.maxRetries, 3);
  EXPECT_EQ(read.definition.notifyOn, NotifyOn::Failure);
  EXPECT_EQ(read.definition.notifyTo, definition.notifyTo);
  EXPECT_EQ(read.definition.notifyLanguage, "de");
  EXPECT_EQ(read.createdOn, store().clock.now());
  EXPECT_EQ(read.createdById, -1);
  // 2023-11-14 22:13:20 UTC is 23:13:20 in Zurich.
  EXPECT_EQ(read.nextFireOn, store().clock.now() + 46 * 60 + 40);
  EXPECT_EQ(read.lastFiredOn, std::nullopt);
}

TEST_P(ScheduleEditing, SchedulesAreListedByName) {
  const int b = added(daily("b"));
  const int a = added(daily("a"));
  const auto all = store().schedules.findSchedules(10);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].id, a);
  EXPECT_EQ(all[1].id, b);
  EXPECT_EQ(store().schedules.findSchedules(1).size(), 1U);
}

TEST_P(ScheduleEditing, WhatIsWrongIsNamedByItsMember) {
  ScheduleDefinition wrong = daily();
  wrong.cronExpression = "61 * * * *";
  EXPECT_THAT(refused(wrong, "minute: 61 is not within 0 to 59"), ElementsAre("/CronExpression"));
  wrong.cronExpression = "0 0 31 2 *";
  EXPECT_THAT(refused(wrong, "never comes"), ElementsAre("/CronExpression"));
  wrong = daily();
  wrong.timeZone = "Riga";
  EXPECT_THAT(refused(wrong, "Europe/Riga"), ElementsAre("/TimeZone"));
  wrong = daily();
  wrong.taskHandlerClass = "Nope";
  EXPECT_THAT(refused(wrong, "no runner has announced"), ElementsAre("/TaskHandlerClass"));
  wrong = daily();
  wrong.taskData = "[]";
  EXPECT_THAT(refused(wrong), ElementsAre("/TaskData"));
  wrong = daily("");
  wrong.missedLimit = 0;
  wrong.queue = "two words";
  wrong.priority = 10;
  wrong.maxRetries = 0;
  EXPECT_THAT(refused(wrong), ElementsAre("/MaxRetries", "/Priority", "/Queue", "/Name", "/MissedLimit"));
  EXPECT_THAT(refused(daily(std::string(191, 'x')), "190 characters"), ElementsAre("/Name"));
  EXPECT_THAT(refused(daily("a\x1B[2Jb"), "one line"), ElementsAre("/Name"));
}

TEST_P(ScheduleEditing, WhoIsToldIsCheckedAsForATask) {
  ScheduleDefinition told = daily();
  told.notifyTo = "ada@example.com";
  EXPECT_THAT(refused(told, "needs NotifyOn"), ElementsAre("/NotifyTo"));
  told.notifyOn = NotifyOn::Both;
  EXPECT_THAT(refused(told, "no runner has announced NotifyByMail"), ElementsAre("/NotifyOn"));
  addRunner({"Echo", kMailHandler});
  told.notifyTo = "nonsense";
  EXPECT_THAT(refused(told), ElementsAre("/NotifyTo"));
  told.notifyTo.reset();
  EXPECT_THAT(schedules_.add(told, 0).errors.at(0).member, "/NotifyTo") << "nobody's address is known";
  const int id = added(told);
  EXPECT_THAT(schedules_.change(id, told).errors, IsEmpty()) << "its maker is known still";
}

TEST_P(ScheduleEditing, ANameBelongsToOneSchedule) {
  const int first = added(daily("a"));
  EXPECT_THAT(schedules_.add(daily("a"), 0).errors.at(0).member, "/Name");
  const int second = added(daily("b"));
  EXPECT_THAT(schedules_.change(second, daily("a")).errors.at(0).member, "/Name");
  EXPECT_EQ(store().schedules.findSchedule(second)->definition.name, "b");
  EXPECT_THAT(schedules_.change(first, daily("a")).errors, IsEmpty()) << "its own";
}

TEST_P(ScheduleEditing, AChangeMovesTheNextFiringOnlyWhenTheTimesChange) {
  const int id = added(daily());
  const auto before = store().schedules.findSchedule(id)->nextFireOn;
  world().advance(48h);
  ScheduleDefinition changed = daily("renamed");
  EXPECT_THAT(schedules_.change(id, changed).errors, IsEmpty());
  EXPECT_EQ(store().schedules.findSchedule(id)->nextFireOn, before) << "what is due stays due";
  changed.cronExpression = "@hourly";
  EXPECT_EQ(schedules_.change(id, changed).id, id);
  EXPECT_EQ(store().schedules.findSchedule(id)->nextFireOn, store().clock.now() + 46 * 60 + 40);
  EXPECT_FALSE(schedules_.change(4711, changed).id);
  EXPECT_THAT(schedules_.change(4711, changed).errors, IsEmpty());
}

TEST_P(ScheduleEditing, WhatIsDisabledDoesNotFireAndMakesNothingUp) {
  const int id = added(daily());
  EXPECT_TRUE(schedules_.setEnabled(id, false)->changed);
  EXPECT_FALSE(schedules_.setEnabled(id, false)->changed);
  EXPECT_EQ(store().schedules.findSchedule(id)->nextFireOn, std::nullopt);
  world().advance(72h);
  EXPECT_EQ(fireDueSchedules(store(), limits_).fired, 0);
  EXPECT_TRUE(schedules_.setEnabled(id, true)->changed);
  EXPECT_GT(store().schedules.findSchedule(id)->nextFireOn, store().clock.now());
  EXPECT_EQ(fireDueSchedules(store(), limits_).fired, 0);
  EXPECT_FALSE(schedules_.setEnabled(4711, true));
}

TEST_P(ScheduleEditing, AScheduleIsRemovedWithItsRecordAndItsTasksStay) {
  const int id = added(daily());
  const int taskId = schedules_.fire(id)->id;
  EXPECT_TRUE(store().schedules.removeSchedule(id));
  EXPECT_FALSE(store().schedules.removeSchedule(id));
  EXPECT_FALSE(store().schedules.findSchedule(id));
  EXPECT_THAT(store().schedules.firingsOfSchedule(id, 10), IsEmpty());
  EXPECT_EQ(task(taskId).title, "nightly");
  EXPECT_FALSE(schedules_.fire(id));
}

TEST_P(ScheduleEditing, WhoChangesItIsRecorded) {
  store().audit.actAs({"ada", "pages"});
  const int id = added(daily());
  EXPECT_TRUE(schedules_.setEnabled(id, false)->changed);
  EXPECT_TRUE(store().schedules.removeSchedule(id));
  std::vector<std::string> entries;
  for (const AuditEntry& entry : store().audit.findAudit(10)) {
    EXPECT_EQ(entry.by.name, "ada");
    EXPECT_EQ(entry.subject, "schedule nightly");
    entries.push_back(entry.action + ": " + entry.detail);
  }
  EXPECT_THAT(entries, ElementsAre("remove: ", "change: disabled, @daily UTC", "add: enabled, @daily UTC"));
}

TEST_P(ScheduleEditing, FiringByHandLeavesTheNextFiringAsItIs) {
  ScheduleDefinition disabled = daily();
  disabled.enabled = false;
  for (const int id : {added(daily("enabled")), added(disabled)}) {
    const auto before = store().schedules.findSchedule(id)->nextFireOn;
    const AddedTask fired = schedules_.fire(id).value();
    EXPECT_TRUE(fired.created);
    EXPECT_EQ(store().schedules.findSchedule(id)->nextFireOn, before);
    EXPECT_EQ(store().schedules.findSchedule(id)->lastTaskQueueId, fired.id);
    EXPECT_FALSE(schedules_.fire(id)->created) << "the first is live";
    const auto record = store().schedules.firingsOfSchedule(id, 10);
    ASSERT_EQ(record.size(), 2U);
    EXPECT_EQ(record[0].outcome, FiringOutcome::Skipped);
    EXPECT_EQ(record[0].taskQueueId, fired.id);
    EXPECT_EQ(record[1].outcome, FiringOutcome::Fired);
    EXPECT_EQ(record[1].fireOn, std::nullopt);
  }
}

TEST_P(ScheduleEditing, APreviewShowsTheNextInstants) {
  const UnixSeconds midnight = store().clock.now() + 106 * 60 + 40;
  EXPECT_THAT(schedules_.preview(daily(), 3), ElementsAre(midnight, midnight + 86400, midnight + 2 * 86400));
  ScheduleDefinition never = daily();
  never.cronExpression = "0 0 30 2 *";
  EXPECT_THAT(schedules_.preview(never, 3), IsEmpty());
}

TEST_P(ScheduleEditing, ThereIsALimitOfSchedules) {
  limits_.schedules = 2;
  added(daily("a"));
  added(daily("b"));
  EXPECT_THAT(schedules_.add(daily("c"), 0).errors.at(0).problem, HasSubstr("2 schedules already"));
}

}  // namespace
}  // namespace taskqueue::contract
