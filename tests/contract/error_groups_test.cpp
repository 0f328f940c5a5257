// Failed runs are grouped by handler, code and pattern, counted whole, and their groups have states.
#include "module/queue/error_group.h"

#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ErrorGroups : public Contract {
 protected:
  // Adds a task whose run fails with this message. Without a delay it is not retried.
  int fail(const std::string& message, std::optional<std::int64_t> delaySeconds = {}) {
    const int id = add({.taskHandlerClass = "Echo", .maxRetries = delaySeconds ? 5 : 1});
    RunEnd end = endOf(claimOne(), RunStatus::Error);
    end.errorCode = "broke";
    end.errorMessage = message;
    end.retryDelaySeconds = delaySeconds.value_or(1);
    finish(end);
    return id;
  }

  void rollUp() {
    world().advance(200s);
    store().statistics.rollUpMinutes(100);
  }

  std::vector<ErrorGroup> groups(ErrorGroupFilter filter = {}) {
    filter.from = store().clock.now() - 3600;
    return store().errors.findErrorGroups(filter);
  }
  ErrorGroup theOnly() {
    const auto found = groups();
    EXPECT_EQ(found.size(), 1U);
    return found.empty() ? ErrorGroup() : found.front();
  }
  std::vector<int> listed(TaskState state, int group) {
    TaskGridRequest request;
    request.filter.state = state;
    request.filter.errorGroupId = group;
    std::vector<int> ids;
    for (const Task& task : store().statistics.readTaskGrid(request).tasks) ids.push_back(task.id);
    return ids;
  }
};
INSTANTIATE_TEST_SUITE_P(Stores, ErrorGroups, bothStores(), nameOf);

TEST_P(ErrorGroups, CountAllRunsOfTheSameErrorWhateverItIsAbout) {
  std::vector<int> final;
  for (int i = 0; i < 5; ++i) final.insert(final.begin(), fail("no customer " + std::to_string(i)));
  const int retried = fail("no customer 99", 100'000);
  fail("disk full");
  rollUp();
  const auto found = groups();
  ASSERT_EQ(found.size(), 2U);
  const ErrorGroup& most = found.front();
  EXPECT_EQ(most.pattern, "no customer #");
  EXPECT_EQ(most.errorCode, "broke");
  EXPECT_EQ(most.failed, 6);
  EXPECT_EQ(most.failedForGood, 5);
  EXPECT_EQ(most.state, ErrorGroupState::New);
  EXPECT_EQ(most.firstSeenOn, most.newOn);
  const auto tasks = store().errors.countTasksOfErrorGroups(1000);
  EXPECT_EQ(tasks.at(most.id).failed, 5);
  EXPECT_EQ(tasks.at(most.id).retrying, 1);
  EXPECT_EQ(listed(TaskState::Failed, most.id), final) << "the list shows what is counted";
  EXPECT_THAT(listed(TaskState::Retrying, most.id), ElementsAre(retried));
  std::int64_t inParts = 0;
  for (const ErrorPart& part : store().errors.readErrorParts({most.id}, store().clock.now() - 86400, 3600))
    inParts += part.failed;
  EXPECT_EQ(inParts, 6);
}

TEST_P(ErrorGroups, AMinuteIsCountedOnce) {
  fail("disk full");
  rollUp();
  rollUp();
  EXPECT_EQ(theOnly().failed, 1);
  fail("disk full");
  rollUp();
  EXPECT_EQ(theOnly().failed, 2);
}

TEST_P(ErrorGroups, AResolvedGroupThatComesAgainIsNewAndOthersKeepTheirState) {
  store().audit.actAs({"ada", "pages"});
  fail("disk full");
  rollUp();
  const int id = theOnly().id;
  EXPECT_TRUE(store().errors.setErrorGroupState(id, ErrorGroupState::Resolved));
  EXPECT_EQ(store().audit.findAudit(1).at(0).detail, "resolved");
  EXPECT_EQ(theOnly().state, ErrorGroupState::Resolved);
  world().advance(10s);
  fail("disk full");
  rollUp();
  EXPECT_EQ(theOnly().state, ErrorGroupState::New);
  EXPECT_GT(theOnly().newOn, theOnly().firstSeenOn);
  for (const ErrorGroupState state : {ErrorGroupState::Known, ErrorGroupState::Muted}) {
    store().errors.setErrorGroupState(id, state);
    fail("disk full");
    rollUp();
    EXPECT_EQ(theOnly().state, state);
  }
  EXPECT_FALSE(store().errors.setErrorGroupState(4711, ErrorGroupState::Known));
}

TEST_P(ErrorGroups, AreFoundByHandlerStateAndSpan) {
  fail("disk full");
  rollUp();
  EXPECT_EQ(groups({.taskHandlerClass = "Echo"}).size(), 1U);
  EXPECT_THAT(groups({.taskHandlerClass = "Other"}), IsEmpty());
  EXPECT_EQ(groups({.state = ErrorGroupState::New}).size(), 1U);
  EXPECT_THAT(groups({.state = ErrorGroupState::Muted}), IsEmpty());
  EXPECT_THAT(store().errors.findErrorGroups({.from = store().clock.now() + 7200}), IsEmpty());
}

TEST_P(ErrorGroups, AHandlerHasSoManyAndTheRestShareOne) {
  for (int i = 0; i < kMaxErrorGroupsOfHandler + 3; ++i) {
    std::string words;  // letters alone, as digits are taken out
    for (int rest = i + 1; rest > 0; rest /= 10) words += static_cast<char>('a' + rest % 10);
    fail("broken " + words);
  }
  rollUp();
  const auto found = groups({.limit = 1000});
  ASSERT_EQ(found.size(), static_cast<std::size_t>(kMaxErrorGroupsOfHandler) + 1);
  EXPECT_EQ(found.front().failed, 3);
  EXPECT_EQ(found.front().pattern, "");
}

TEST_P(ErrorGroups, TheSumsOfAHandlerStayExactWhenTheirHourIsComplete) {
  fail("disk full");
  rollUp();
  world().advance(7200s);
  add({.taskHandlerClass = "Echo"});
  RunEnd end = endOf(claimOne(), RunStatus::Success);
  end.runMs = 1000;
  finish(end);
  rollUp();
  const UnixSeconds now = store().clock.now();
  std::int64_t failed = 0;
  std::int64_t succeeded = 0;
  RunTimes times;
  for (const auto& [from, part] : store().statistics.readHandlerParts("Echo", now - 86400, now, 3600)) {
    EXPECT_EQ(from % 3600, 0);
    failed += part.sums.failed;
    succeeded += part.sums.succeeded;
    times.add(part.times.histogram());
  }
  EXPECT_EQ(failed, 1);
  EXPECT_EQ(succeeded, 1);
  EXPECT_NEAR(static_cast<double>(times.percentile(1).value_or(0)), 1000, 200);
}

}  // namespace
}  // namespace taskqueue::contract
