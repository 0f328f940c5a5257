// The guarantees of an acknowledged enqueue.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;

class Enqueueing : public Contract {
 protected:
  InsertOutcome addAll(const std::vector<NewTask>& tasks,
                       const std::optional<IdempotencyKey>& key = std::nullopt) {
    return store().tasks.insertTasks(tasks, key);
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Enqueueing, bothStores(), nameOf);

TEST_P(Enqueueing, ATaskWaitsFromNowOnUnlessToldOtherwise) {
  const Task added = task(add());
  EXPECT_EQ(added.taskHandlerClass, "Echo");
  EXPECT_EQ(added.taskData, "{}");
  EXPECT_EQ(added.scheduledOn, store().clock.now());
  EXPECT_EQ(added.queuedOn, store().clock.now());
  EXPECT_EQ(added.nextRunOn, store().clock.now());
  EXPECT_EQ(added.lastStatus, RunStatus::Scheduled);
  EXPECT_EQ(added.maxRetries, 5);
  EXPECT_EQ(added.taskRunsFailed, 0);
  EXPECT_EQ(added.queue, "default");
  EXPECT_EQ(added.priority, 5);
  EXPECT_EQ(added.queuedById, 0);
  EXPECT_EQ(added.uniqueKey, std::nullopt);
  EXPECT_EQ(added.title, "");
  EXPECT_EQ(added.parkedReason, "");
}

TEST_P(Enqueueing, EveryMemberIsKept) {
  const UnixSeconds later = store().clock.now() + 60;
  const Task added = task(add({.taskHandlerClass = "Import\\Products",
                               .taskData = R"({"a":1})",
                               .scheduledOn = later,
                               .queuedById = -1,
                               .maxRetries = 9,
                               .queue = "slow",
                               .priority = 0,
                               .uniqueKey = "import:7",
                               .title = "Seven"}));
  EXPECT_EQ(added.taskHandlerClass, "Import\\Products");
  EXPECT_EQ(added.taskData, R"({"a":1})");
  EXPECT_EQ(added.scheduledOn, later);
  EXPECT_EQ(added.nextRunOn, later);
  EXPECT_EQ(added.queuedById, -1);
  EXPECT_EQ(added.maxRetries, 9);
  EXPECT_EQ(added.queue, "slow");
  EXPECT_EQ(added.priority, 0);
  EXPECT_EQ(added.uniqueKey, "import:7");
  EXPECT_EQ(added.title, "Seven");
}

TEST_P(Enqueueing, TextComesBackByteForByte) {
  const std::string hostile =
      "{\"q\":\"\\\"'\\\\ \\u0000 \\ud83d\\ude00 \xF0\x9F\x98\x80 \xE2\x80\xA8 $[*] ${x} {TaskQueue} ? null "
      "\\n\"}";
  const std::string title = "  '\"\\ \xC3\xA9\xF0\x9F\x98\x80\t%_ ";
  const Task added = task(add({.taskHandlerClass = "Echo", .taskData = hostile, .title = title}));
  EXPECT_EQ(added.taskData, hostile);
  EXPECT_EQ(added.title, title);
}

TEST_P(Enqueueing, TheLongestAllowedTextsFit) {
  const std::string name(255, 'N');
  std::string wide;  // 190 characters of four bytes each
  for (int i = 0; i < 190; ++i) wide += "\xF0\x9F\x98\x80";
  const std::string data = "{\"d\":\"" + std::string(1 << 20, 'd') + "\"}";
  const Task added = task(add({.taskHandlerClass = name,
                               .taskData = data,
                               .queue = std::string(64, 'q'),
                               .uniqueKey = wide,
                               .title = wide}));
  EXPECT_EQ(added.taskHandlerClass, name);
  EXPECT_TRUE(added.taskData == data);
  EXPECT_EQ(added.uniqueKey, wide);
  EXPECT_EQ(added.title, wide);
}

TEST_P(Enqueueing, ManyTasksKeepTheirOrder) {
  std::vector<NewTask> tasks;
  for (int i = 0; i < 300; ++i) tasks.push_back({.taskHandlerClass = "Echo", .title = std::to_string(i)});
  const InsertOutcome outcome = addAll(tasks);
  ASSERT_EQ(outcome.tasks.size(), tasks.size());
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    EXPECT_TRUE(outcome.tasks[i].created);
    EXPECT_EQ(task(outcome.tasks[i].id).title, std::to_string(i));
  }
}

TEST_P(Enqueueing, ARequestFullOfTheLargestDataFits) {
  const std::string data = "{\"d\":\"" + std::string(1 << 20, '\\') + "\"}";  // every byte needs an escape
  const std::vector<NewTask> tasks(12, {.taskHandlerClass = "Echo", .taskData = data});
  const InsertOutcome outcome = addAll(tasks);
  ASSERT_EQ(outcome.tasks.size(), tasks.size());
  EXPECT_TRUE(task(outcome.tasks.back().id).taskData == data);
}

TEST_P(Enqueueing, AUniqueKeyReturnsItsLiveTask) {
  const int first = add(keyed("k"));
  const InsertOutcome again = addAll({keyed("k"), keyed("other")});
  EXPECT_EQ(again.tasks[0].id, first);
  EXPECT_FALSE(again.tasks[0].created);
  EXPECT_TRUE(again.tasks[1].created);
  EXPECT_EQ(store().tasks.findTasks({}).size(), 2U);
}

TEST_P(Enqueueing, AUniqueKeyHoldsWhileItsTaskRuns) {
  const int first = add(keyed("k"));
  claimOne();
  EXPECT_EQ(add(keyed("k")), first);
}

TEST_P(Enqueueing, AUniqueKeyHoldsWhileItsTaskWaitsForTheNextTry) {
  const int first = add(keyed("k"));
  finish(claimOne(), RunStatus::Error);
  EXPECT_EQ(add(keyed("k")), first);
}

TEST_P(Enqueueing, AUniqueKeyIsFreeWhenItsTaskHasEnded) {
  for (const RunStatus status : {RunStatus::Success, RunStatus::Cancelled}) {
    const int first = add(keyed("k"));
    finish(claimOne(), status);
    const int second = add(keyed("k"));
    EXPECT_NE(second, first) << toString(status);
    store().tasks.cancelTask(second);
  }
}

TEST_P(Enqueueing, AUniqueKeyIsFreeWhenNoTriesAreLeft) {
  NewTask once = keyed("k");
  once.maxRetries = 1;
  const int first = add(once);
  finish(claimOne(), RunStatus::Timeout);
  EXPECT_NE(add(keyed("k")), first);
}

TEST_P(Enqueueing, AUniqueKeyIsFreeWhenItsWaitingTaskWasCancelled) {
  const int first = add(keyed("k"));
  store().tasks.cancelTask(first);
  EXPECT_NE(add(keyed("k")), first);
}

TEST_P(Enqueueing, TheSameKeyTwiceInOneRequestMakesOneTask) {
  const InsertOutcome outcome = addAll({keyed("k"), {.taskHandlerClass = "Echo"}, keyed("k")});
  EXPECT_TRUE(outcome.tasks[0].created);
  EXPECT_TRUE(outcome.tasks[1].created);
  EXPECT_FALSE(outcome.tasks[2].created);
  EXPECT_EQ(outcome.tasks[2].id, outcome.tasks[0].id);
  EXPECT_NE(outcome.tasks[1].id, outcome.tasks[0].id);
}

TEST_P(Enqueueing, KeysAreToldApartByteForByte) {
  const InsertOutcome outcome =
      addAll({keyed("k"), keyed("K"), keyed("k "), keyed("\xC3\xA9"), keyed("e\xCC\x81")});
  for (const AddedTask& added : outcome.tasks) EXPECT_TRUE(added.created);
  EXPECT_EQ(add(keyed("k ")), outcome.tasks[2].id);
}

TEST_P(Enqueueing, ARequestSentAgainIsAnsweredAsTheFirstTime) {
  const int stands = add(keyed("stands"));
  const int isSuperseded = add(keyed("is superseded"));
  NewTask replacing = keyed("is superseded");
  replacing.uniqueMode = UniqueMode::Replace;
  const std::vector<NewTask> tasks{{.taskHandlerClass = "Echo"}, keyed("stands"), replacing};
  const IdempotencyKey key{.key = "request", .requestHash = "hash"};
  const InsertOutcome first = addAll(tasks, key);
  EXPECT_FALSE(first.replayed);
  finish(claimOne(), RunStatus::Success);
  const InsertOutcome again = addAll(tasks, key);
  EXPECT_TRUE(again.replayed);
  EXPECT_FALSE(again.keyMisused);
  ASSERT_EQ(again.tasks.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(again.tasks[i].id, first.tasks[i].id);
    EXPECT_EQ(again.tasks[i].created, first.tasks[i].created);
    EXPECT_EQ(again.tasks[i].replacedId, first.tasks[i].replacedId);
  }
  EXPECT_TRUE(again.tasks[0].created);
  EXPECT_EQ(again.tasks[1].id, stands);
  EXPECT_FALSE(again.tasks[1].created);
  EXPECT_EQ(again.tasks[2].replacedId, isSuperseded);
  EXPECT_EQ(store().tasks.findTasks({}).size(), 4U);
}

TEST_P(Enqueueing, TheLargestRequestSentAgainAnswersWithItsTasks) {
  constexpr std::size_t kMaxTasksThatCanBeConfigured = 10000;
  const std::vector<NewTask> tasks(kMaxTasksThatCanBeConfigured, {.taskHandlerClass = "Echo"});
  const IdempotencyKey key{.key = "large", .requestHash = "hash"};
  addAll(tasks, key);
  EXPECT_EQ(addAll(tasks, key).tasks.size(), tasks.size());
}

TEST_P(Enqueueing, ARequestKeyUsedForAnotherRequestDoesNothing) {
  addAll({{.taskHandlerClass = "Echo"}}, IdempotencyKey{.key = "request", .requestHash = "hash"});
  const InsertOutcome other =
      addAll({{.taskHandlerClass = "Echo"}}, IdempotencyKey{.key = "request", .requestHash = "other"});
  EXPECT_TRUE(other.keyMisused);
  EXPECT_TRUE(other.tasks.empty());
  EXPECT_EQ(store().tasks.findTasks({}).size(), 1U);
}

}  // namespace
}  // namespace taskqueue::contract
