// The time since when a task is due. One rule serves the overview, the queues, the metrics, the operators'
// messages and the reason why a task waits.
#include "module/health/health.h"
#include "module/queue/due_task.h"
#include "module/queue/limits.h"
#include "module/store/maria_store.h"
#include "module/store/sql/due_on.h"
#include "tests/contract/contract_test.h"
#include "tests/support/property.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class DueSince : public Contract {
 protected:
  // The depth of the only queue.
  QueueDepth depth() {
    const auto depths = store().statistics.readQueueDepths(10, 100);
    EXPECT_EQ(depths.size(), 1U);
    return depths.empty() ? QueueDepth{} : depths.front();
  }

  // Returns the queues that operators are notified of, because a task has waited there for too long.
  std::vector<std::string> toldOf() {
    std::vector<std::string> causes;
    for (const auto& check : health::checkHealth(store(), [] { return std::nullopt; }, {}))
      if (check.event == "queue.waits" && check.notifiesOperators()) causes.push_back(causeKey(check));
    return causes;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, DueSince, bothStores(), nameOf);

TEST_P(DueSince, ARowThatNoRunnerLooksAtCountsFromItsScheduledOn) {
  const UnixSeconds now = store().clock.now();
  const int id = world().insertRow({.scheduledOn = now - 3600, .queue = "nobody"});
  EXPECT_EQ(depth().waiting.value, 1);
  EXPECT_EQ(depth().oldestDue, now - 3600);
  EXPECT_EQ(depth().oldestTaskId, id);
  EXPECT_EQ(store().statistics.readQueueNumbers(10).oldestDue, now - 3600);
  EXPECT_EQ(store().statistics.readQueueNumbers(10).oldestTaskId, id);
  EXPECT_THAT(toldOf(), ElementsAre("queue.waits nobody"));
}

TEST_P(DueSince, WithoutAScheduledOnItCountsFromItsQueuedOn) {
  const UnixSeconds now = store().clock.now();
  const int id = world().insertRow({.scheduledOn = std::nullopt, .queuedOn = now - 1800, .queue = "nobody"});
  EXPECT_EQ(depth().oldestDue, now - 1800);
  EXPECT_EQ(store().statistics.readQueueNumbers(10).oldestDue, now - 1800);
  EXPECT_EQ(store().tasks.findWaitFacts(id).value().task.queuedOn, now - 1800);
  EXPECT_THAT(toldOf(), ElementsAre("queue.waits nobody"));
}

TEST_P(DueSince, WithoutAnyDateItCountsFromThePassThatFoundIt) {
  const UnixSeconds now = store().clock.now();
  const int id =
      world().insertRow({.scheduledOn = std::nullopt, .queuedOn = std::nullopt, .queue = "nobody"});
  EXPECT_EQ(depth().oldestDue, now);
  EXPECT_THAT(store().maintenance.findTasksMissingRun(10), ElementsAre(id));
  EXPECT_TRUE(store().maintenance.createRunIfAllowed(id));
  world().advance(1000s);
  EXPECT_EQ(depth().oldestDue, now);
  EXPECT_THAT(toldOf(), ElementsAre("queue.waits nobody"));
}

TEST_P(DueSince, ARowThatIsNotDueYetIsNotOverdue) {
  const UnixSeconds now = store().clock.now();
  world().insertRow({.scheduledOn = now + 60, .queuedOn = now - 3600, .queue = "nobody"});
  EXPECT_EQ(depth().waiting.value, 1);
  EXPECT_EQ(depth().oldestDue, std::nullopt);
  EXPECT_EQ(store().statistics.readQueueNumbers(10).oldestDue, std::nullopt);
  EXPECT_THAT(store().maintenance.findTasksMissingRun(10), IsEmpty());
  world().advance(61s);
  EXPECT_EQ(depth().oldestDue, now + 60);
}

TEST_P(DueSince, ARowThatALookWouldRetireDoesNotWait) {
  leavesHostileRows();
  const UnixSeconds now = store().clock.now();
  world().insertRow({.scheduledOn = now - 3600, .queue = "nobody", .lastStatus = "success"});
  world().insertRow({.scheduledOn = now - 3600, .queue = "nobody", .maxRetries = 3, .taskRunsFailed = 3});
  EXPECT_EQ(depth().oldestDue, std::nullopt);
  EXPECT_EQ(store().statistics.readQueueNumbers(10).oldestDue, std::nullopt);
  EXPECT_THAT(store().maintenance.findTasksMissingRun(10), IsEmpty());
}

TEST_P(DueSince, TheOldestOfAllIsFoundAmongThoseLookedAtAndThoseNot) {
  const UnixSeconds now = store().clock.now();
  add({.taskHandlerClass = "Echo", .scheduledOn = now - 50});
  const int plain = world().insertRow({.scheduledOn = now - 70, .priority = 12});
  EXPECT_EQ(depth().waiting.value, 2);
  EXPECT_EQ(depth().oldestDue, now - 70);
  EXPECT_EQ(depth().oldestTaskId, plain);
  const int older = add({.taskHandlerClass = "Echo", .scheduledOn = now - 90, .priority = 0});
  EXPECT_EQ(depth().oldestTaskId, older);
  EXPECT_EQ(store().statistics.readQueueNumbers(10).oldestTaskId, older);
}

TEST_P(DueSince, RowsThatAreNotDueBeforeItInTheTableDoNotHideTheOneThatIs) {
  const UnixSeconds now = store().clock.now();
  for (int i = 0; i < kNewTasksBatch + 10; ++i)
    world().insertRow({.scheduledOn = now + 1000, .queue = "nobody"});
  const int due = world().insertRow({.scheduledOn = now - 100, .queue = "nobody"});
  EXPECT_EQ(depth().oldestTaskId, due);
  EXPECT_EQ(store().statistics.readQueueNumbers(10).oldestDue, now - 100);
}

TEST_P(DueSince, ATaskReleasedKeepsItsPlaceByTheSameRule) {
  const UnixSeconds now = store().clock.now();
  world().insertRow({.scheduledOn = std::nullopt, .queuedOn = now - 1800});
  const ClaimedRun run = claimOne();
  EXPECT_EQ(dueOn(run.task, INT32_MAX), now - 1800);
}

// The rule exists in SQL and in C++; both must agree on any row.
TEST(DueOn, BothLanguagesSayTheSame) {
  const auto world = makeStore(StoreKind::MariaDb);
  auto& connection = world->connection();
  const UnixSeconds now = world->store().clock.now();
  world->insertRow({});
  test_support::checkProperty("due", [&] {
    const auto date = [&] {
      return *rc::gen::element<std::optional<UnixSeconds>>(std::nullopt, 0, -7, now - 100, now - 5, now,
                                                           now + 1, now + 500);
    };
    Task task;
    task.nextRunOn = date();
    task.scheduledOn = date();
    task.queuedOn = date();
    task.lastStatus = *rc::gen::elementOf(std::vector<RunStatus>(kAllStatuses.begin(), kAllStatuses.end()));
    task.taskRunsFailed = *rc::gen::inRange(0, 4);
    task.maxRetries = *rc::gen::inRange(0, 4);
    task.superseded = *rc::gen::arbitrary<bool>();
    connection.executeText(
        "UPDATE inp_TaskQueue SET NextRunOn = ?, ScheduledOn = ?, QueuedOn = ?, LastStatus = ?, "
        "TaskRunsFailed = ?, MaxRetries = ?, Superseded = ?",
        {task.nextRunOn, task.scheduledOn, task.queuedOn, std::string(toString(task.lastStatus)),
         std::int64_t{task.taskRunsFailed}, std::int64_t{task.maxRetries},
         std::int64_t{task.superseded ? 1 : 0}});
    auto rows = connection.queryText(store::expandPieces(R"(
      SELECT IF(t.NextRunOn IS NOT NULL AND {may_run_again}, {due_on}, NULL),
        COALESCE({is_due} AND {may_run_again}, 0)
      FROM inp_TaskQueue t
    )"));
    const auto due = dueOn(task, now);
    RC_ASSERT(rows.at(0).optionalInteger() == due);
    RC_ASSERT((rows.at(0).integer() == 1) == (due && *due <= now && *task.nextRunOn <= now));
  });
}

}  // namespace
}  // namespace taskqueue::contract
