// One rule holds for each pair of a status and a place, so each task has one state.
#include "module/queue/task_state.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace taskqueue {
namespace {

TEST(TaskStates, EachPairOfStatusAndPlaceHasOneState) {
  for (const RunStatus status : kAllStatuses) {
    for (const TaskPlace place : {TaskPlace::Parked, TaskPlace::Claimable, TaskPlace::Idle}) {
      const auto& rules = taskStateRules();
      const auto matching = std::count_if(rules.begin(), rules.end(), [&](const TaskStateRule& rule) {
        return std::count(rule.statuses.begin(), rule.statuses.end(), status) > 0 &&
               (rule.places & static_cast<unsigned>(place)) != 0;
      });
      EXPECT_EQ(matching, 1) << toString(status) << " at place " << static_cast<unsigned>(place);
    }
  }
}

TEST(TaskStates, AFailureIsFinalOnlyWhenNothingFollows) {
  Task task;
  task.lastStatus = RunStatus::Error;
  EXPECT_EQ(stateOf(task), TaskState::Failed);
  task.nextRunOn = 1;
  EXPECT_EQ(stateOf(task), TaskState::Retrying);
  task.nextRunOn.reset();
  task.parkedReason = "the handler Echo is paused";
  EXPECT_EQ(stateOf(task), TaskState::Parked);
  task.parkedReason.clear();
  task.lastStatus = RunStatus::Timeout;
  EXPECT_EQ(stateOf(task), TaskState::Lost);
}

TEST(TaskStates, WordsAreReadBack) {
  for (const TaskState state : kAllTaskStates) EXPECT_EQ(parseTaskState(toString(state)), state);
  EXPECT_FALSE(parseTaskState("error"));
  EXPECT_FALSE(parseTaskState(""));
}

}  // namespace
}  // namespace taskqueue
