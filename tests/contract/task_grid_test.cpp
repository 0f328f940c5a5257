// Paging through the list of tasks neither loses nor repeats a row.
#include <set>
#include <tuple>

#include "tests/contract/contract_test.h"
#include "tests/support/property.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::chrono::milliseconds kNoTime{0};  // each request reads one batch

// ── a search through more rows than one request reads ──────────────────────────────────────────────────────

class Search : public Contract {
 protected:
  static constexpr int kOthers = 12'000;

  void addOthers(const std::string& queue = kDefaultQueue) {
    const std::vector<NewTask> thousand(1000, NewTask{.taskHandlerClass = "Echo", .queue = queue});
    for (int i = 0; i < kOthers / 1000; ++i) store().tasks.insertTasks(thousand, std::nullopt);
  }

  // Returns the tasks of all pages from first to last; each page must make progress.
  std::vector<int> goThrough(const TaskFilter& filter, TaskOrder order = TaskOrder::ById) {
    TaskGridRequest request;
    request.filter = filter;
    request.order = order;
    request.timeLimit = kNoTime;
    std::vector<int> found;
    for (int requests = 0; requests < 10; ++requests) {
      const TaskGrid grid = store().statistics.readTaskGrid(request);
      for (const Task& task : grid.tasks) found.push_back(task.id);
      const auto rest = placeToGoOn(grid, order);
      if (!rest) return found;
      EXPECT_TRUE(!request.from || standsBefore(*request.from, *rest, request.descending));
      request.from = rest;
    }
    ADD_FAILURE() << "the search has no end";
    return found;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, Search, bothStores(), nameOf);

TEST_P(Search, MovesOnWithEveryRequestWhateverTheFilter) {
  const int needle = add({.taskHandlerClass = "Echo", .queue = "slow", .title = "needle"});
  RunEnd end = endOf(store()
                         .runners
                         .sync([&] {
                           SyncRequest request = syncOf(runner(), 1);
                           request.queues = {"slow"};
                           return request;
                         }())
                         .claimed.at(0),
                     RunStatus::Error);
  end.errorCode = "broke";
  end.retryDelaySeconds = 1000;
  finish(end);
  addOthers();
  EXPECT_THAT(goThrough({.titlePart = "needle"}), ElementsAre(needle));
  EXPECT_THAT(goThrough({.taskHandlerClass = "Echo", .titlePart = "needle"}), ElementsAre(needle));
  EXPECT_THAT(goThrough({.taskHandlerClass = "Echo", .queue = "slow"}), ElementsAre(needle));
  EXPECT_THAT(goThrough({.taskHandlerClass = "Echo", .errorCode = "broke"}), ElementsAre(needle));
  EXPECT_THAT(goThrough({.queue = "slow"}), ElementsAre(needle));
  EXPECT_THAT(goThrough({.titlePart = "needle"}, TaskOrder::ByNextRunOn), ElementsAre(needle));
  EXPECT_THAT(goThrough({.titlePart = "needle", .fromId = needle}, TaskOrder::ByQueuedOn),
              ElementsAre(needle));
  EXPECT_THAT(goThrough({.taskHandlerClass = "Echo", .titlePart = "no such"}), IsEmpty());
}

TEST_P(Search, CountsWhatItHasSeenAndSaysThatThereMayBeMore) {
  addOthers();
  EXPECT_EQ(store().statistics.countUpTo({.taskHandlerClass = "Echo", .queue = kDefaultQueue}, 100).value,
            100);
  EXPECT_TRUE(store().statistics.countUpTo({.taskHandlerClass = "Echo", .queue = kDefaultQueue}, 100).more);
}

// ── any rows, any order, any filter ────────────────────────────────────────────────────────────────────────

class EveryPage : public ::testing::TestWithParam<StoreKind> {};
INSTANTIATE_TEST_SUITE_P(Stores, EveryPage, bothStores(), nameOf);

constexpr UnixSeconds kTime = 1'700'000'000;

PlainRow anyRow() {
  const auto date = [] {
    return *rc::gen::element<std::optional<UnixSeconds>>(std::nullopt, std::nullopt, 0, -5, kTime - 10, kTime,
                                                         kTime + 10);
  };
  PlainRow row;
  row.taskHandlerClass = *rc::gen::element<std::string>("A", "B");
  row.queue = *rc::gen::element<std::string>("default", "slow");
  row.lastStatus = *rc::gen::element<std::string>("scheduled", "success", "error");
  row.title = *rc::gen::element<std::string>("", "hay", "a Needle");
  row.parkedReason = *rc::gen::element<std::string>("", "", "parked");
  row.scheduledOn = date();
  row.queuedOn = date();
  row.nextRunOn = date();
  return row;
}

TaskGridRequest anyRequest(int rows) {
  const auto orNothing = [](auto... values) {
    using Kind = std::optional<std::common_type_t<decltype(values)...>>;
    return *rc::gen::element<Kind>(Kind(), Kind(), Kind(values)...);
  };
  TaskGridRequest request;
  request.order = *rc::gen::element(TaskOrder::ById, TaskOrder::ByQueuedOn, TaskOrder::ByScheduledOn,
                                    TaskOrder::ByNextRunOn);
  request.descending = *rc::gen::arbitrary<bool>();
  TaskFilter& filter = request.filter;
  filter.lastStatus = orNothing(RunStatus::Scheduled, RunStatus::Success);
  filter.state = orNothing(TaskState::Waiting, TaskState::Retrying, TaskState::Parked, TaskState::Failed,
                           TaskState::Succeeded);
  filter.taskHandlerClass = orNothing(std::string("A"), std::string("B"));
  filter.queue = orNothing(std::string("slow"));
  filter.titlePart = orNothing(std::string("needle"));
  filter.queuedFrom = orNothing(kTime - 10, kTime);
  filter.queuedUntil = orNothing(kTime, kTime + 10);
  filter.fromId = orNothing(1, rows / 3);
  filter.beforeId = orNothing(rows / 2, rows + 1);
  filter.limit = *rc::gen::inRange(1, 6);
  request.batch = *rc::gen::inRange(1, 5);
  request.timeLimit = kNoTime;
  return request;
}

// Tells whether the filter matches; a plain reference implementation.
bool isAskedFor(const Task& task, const TaskFilter& filter) {
  const bool isQueuedThen = (!filter.queuedFrom && !filter.queuedUntil) ||
                            (task.queuedOn && (!filter.queuedFrom || *task.queuedOn >= *filter.queuedFrom) &&
                             (!filter.queuedUntil || *task.queuedOn <= *filter.queuedUntil));
  return isQueuedThen && (!filter.lastStatus || task.lastStatus == *filter.lastStatus) &&
         (!filter.state || stateOf(task) == *filter.state) &&
         (!filter.taskHandlerClass || task.taskHandlerClass == *filter.taskHandlerClass) &&
         (!filter.queue || task.queue == *filter.queue) && (!filter.titlePart || task.title == "a Needle") &&
         (!filter.fromId || task.id >= *filter.fromId) && (!filter.beforeId || task.id < *filter.beforeId);
}

// Returns all matching tasks in the requested order; tasks without a value come last.
std::vector<int> expected(std::vector<Task> tasks, const TaskGridRequest& request) {
  std::erase_if(tasks, [&](const Task& task) { return !isAskedFor(task, request.filter); });
  const auto key = [&](const Task& task) {
    const auto value = makeCursor(task, request.order).value;
    const std::int64_t sign = request.descending ? -1 : 1;
    return std::tuple(!value, sign * value.value_or(0), sign * task.id);
  };
  std::sort(tasks.begin(), tasks.end(), [&](const Task& a, const Task& b) { return key(a) < key(b); });
  std::vector<int> ids;
  for (const Task& task : tasks) ids.push_back(task.id);
  return ids;
}

TEST_P(EveryPage, ForwardsAndBackwardsGivesEveryRowOnceInTheOrderAskedFor) {
  test_support::checkProperty("every page", [] {
    const auto world = makeStore(GetParam());
    const Stores store = world->store();
    const int rows = *rc::gen::inRange(0, 25);
    std::vector<Task> all;
    for (int i = 0; i < rows; ++i) all.push_back(*store.tasks.findTask(world->insertRow(anyRow())));
    for (int i = 0; i < 5; ++i) {
      TaskGridRequest request = anyRequest(rows);
      const std::vector<int> ids = expected(all, request);
      std::vector<int> forwards;
      std::vector<TaskCursor> firsts;  // the first task of each non-empty page
      for (bool more = true; more;) {
        const TaskGrid grid = store.statistics.readTaskGrid(request);
        RC_ASSERT(static_cast<int>(grid.tasks.size()) <= request.filter.limit);
        for (const Task& task : grid.tasks) forwards.push_back(task.id);
        const auto rest = placeToGoOn(grid, request.order);
        // Extra parentheses are needed: RC_ASSERT would split the expression and evaluate both sides of ||.
        RC_ASSERT((!rest || !request.from || standsBefore(*request.from, *rest, request.descending)));
        request.from = rest;
        more = rest.has_value();
      }
      RC_ASSERT(forwards == ids);
      request.backwards = true;
      std::vector<int> backwards;
      for (bool more = true; more;) {
        const TaskGrid grid = store.statistics.readTaskGrid(request);
        std::vector<int> page;
        for (const Task& task : grid.tasks) page.push_back(task.id);
        backwards.insert(backwards.begin(), page.begin(), page.end());
        more = grid.more;
        if (!more) break;
        const TaskCursor rest =
            grid.searchedTo ? *grid.searchedTo : makeCursor(grid.tasks.front(), request.order);
        RC_ASSERT((!request.from || standsBefore(rest, *request.from, request.descending)));
        request.from = rest;
      }
      RC_ASSERT(backwards == ids);
    }
  });
}

}  // namespace
}  // namespace taskqueue::contract
