// Lists of tasks.
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class Listing : public Contract {
 protected:
  std::vector<int> ids(const TaskFilter& filter) {
    std::vector<int> found;
    for (const Task& each : store().tasks.findTasks(filter)) found.push_back(each.id);
    return found;
  }
  int titled(const std::string& title) { return add({.taskHandlerClass = "Echo", .title = title}); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Listing, bothStores(), nameOf);

TEST_P(Listing, TheNewestComeFirstPageByPage) {
  std::vector<int> added;
  for (int i = 0; i < 5; ++i) added.push_back(add());
  EXPECT_THAT(ids({.limit = 2}), ElementsAre(added[4], added[3]));
  EXPECT_THAT(ids({.beforeId = added[3], .limit = 2}), ElementsAre(added[2], added[1]));
  EXPECT_THAT(ids({.beforeId = added[0]}), IsEmpty());
}

TEST_P(Listing, EveryFilterNarrows) {
  const int ran = add({.taskHandlerClass = "Echo", .queue = "default", .title = "one"});
  finish(claimOne(), RunStatus::Success);
  const int other = add({.taskHandlerClass = "Other", .queue = "slow", .title = "two"});
  EXPECT_THAT(ids({.lastStatus = RunStatus::Success}), ElementsAre(ran));
  EXPECT_THAT(ids({.taskHandlerClass = "Other"}), ElementsAre(other));
  EXPECT_THAT(ids({.queue = "slow"}), ElementsAre(other));
  EXPECT_THAT(ids({.titlePart = "wo"}), ElementsAre(other));
  EXPECT_THAT(ids({.lastStatus = RunStatus::Success,
                   .taskHandlerClass = "Echo",
                   .queue = "default",
                   .titlePart = "ONE"}),
              ElementsAre(ran));
  EXPECT_THAT(ids({.lastStatus = RunStatus::Success, .queue = "slow"}), IsEmpty());
}

TEST_P(Listing, SignsOfPatternsInATitleMeanThemselves) {
  const int percent = titled("100% done");
  const int underscore = titled("a_b");
  const int backslash = titled("c\\d");
  titled("100 axb");
  EXPECT_THAT(ids({.titlePart = "0%"}), ElementsAre(percent));
  EXPECT_THAT(ids({.titlePart = "a_b"}), ElementsAre(underscore));
  EXPECT_THAT(ids({.titlePart = "c\\d"}), ElementsAre(backslash));
  EXPECT_THAT(ids({.titlePart = "'; DROP TABLE"}), IsEmpty());
}

TEST_P(Listing, WhatDoesNotExistIsNotFound) {
  EXPECT_FALSE(store().tasks.findTask(4711));
  EXPECT_FALSE(store().tasks.findRun(4711));
  EXPECT_THAT(store().tasks.runsOfTask(4711), IsEmpty());
}

}  // namespace
}  // namespace taskqueue::contract
