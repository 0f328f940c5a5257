// Statements of the overseer, the pages and the runners are served by the indexes that they name.
#include "tests/contract/statement_plans.h"

namespace taskqueue::contract::statements_tests {
namespace {

TEST_F(Statements, RowsOfAListAreFoundByTheirPrimaryKey) {
  for (const int rows : {1, 40, 1200}) {
    std::vector<std::int64_t> ids;
    std::vector<std::string> tokens;
    for (int i = 1; i <= rows; ++i) {
      ids.push_back(i);
      tokens.push_back(std::to_string(i));
    }
    const store::Value list = store::Value::anyOf(ids);
    const std::int64_t figure = 1;
    const std::vector<std::tuple<const char*, const char*, std::vector<store::Value>>> hot{
        {"finish-equal-runs", "r", {figure, figure, figure, figure, list, store::Value::anyOf(tokens)}},
        {"finish-plain-tasks", "t", {list}},
        {"mark-running", "t", {list}}};
    for (const auto& [name, table, parameters] : hot) {
      const auto plan = planOf(name, parameters);
      ASSERT_EQ(plan.size(), 1U) << name;
      EXPECT_EQ(plan[0].key, "PRIMARY") << name;
      EXPECT_EQ(plan[0].access, "range") << name;
      EXPECT_EQ(plan[0].extra, "Using where") << name << ": rows are changed as they are found";
    }
  }
}

TEST_F(Statements, ALargeEndIsWrittenByThePrimaryKey) {
  std::vector<store::Value> parameters(18, std::int64_t{1});
  parameters.insert(parameters.end(), {std::int64_t{10}, "10"});
  EXPECT_EQ(stepOf("finish-large-run", parameters, "r").key, "PRIMARY");
}

TEST_F(Statements, OutputIsDroppedByItsOwnIndex) {
  for (const char* name : {"drop-output", "drop-all-output"}) {
    EXPECT_EQ(stepOf(name, {kRows}, "o").key, "TaskRunId") << name;
  }
}

TEST_F(Statements, RunsOfARunnerAreFoundByTheirOwner) {
  for (const char* name : {"runs-in-hand", "runs-to-rescue"}) {
    const Step step = stepOf(name, {std::int64_t{1}}, "r");
    EXPECT_EQ(step.key, "TaskRunnerId") << name;
  }
}

TEST_F(Statements, TheOpenRunIsFoundByTheKeyThatForbidsASecondOne) {
  EXPECT_EQ(stepOf("find-open-run", {std::int64_t{3995}}, "inp_TaskRuns").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("retire", {kRows}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("find-missing-runs", {std::int64_t{10}}, "r").key, "OpenTaskQueueId");
}

TEST_F(Statements, RunnersThatLeftRunsAreFoundAmongTheOpenRunsOnly) {
  const Step step = stepOf("ended-runners-with-runs", {std::int64_t{10}}, "r");
  EXPECT_EQ(step.access, "range");
  EXPECT_EQ(step.key, "OpenTaskQueueId");
}

TEST_F(Statements, HoldersOfKeysAreFoundByTheirIndex) {
  EXPECT_EQ(stepOf("find-holders", {R"(["a","b"])"}, "t").key, "ActiveKey");
  connection_.executeText(
      connection_.names().expand("UPDATE {TaskQueue} SET ActiveKey = 'a', UniqueKey = 'a' WHERE Id = 3990"),
      {});
  EXPECT_EQ(stepOf("supersede", {"a"}, "t").key, "ActiveKey");
  EXPECT_EQ(stepOf("supersede", {"a"}, "r").key, "OpenTaskQueueId");
}

TEST_F(Statements, TasksMissingARunAreReadInOrderWithoutASort) {
  const Step step = stepOf("find-missing-runs", {std::int64_t{10}}, "t");
  EXPECT_EQ(step.key, "NextRunOn");
  EXPECT_THAT(step.extra, Not(HasSubstr("filesort")));
}

TEST_F(Statements, TasksParkedAtALimitAreFoundInTheirOrderWithoutASort) {
  for (const auto& [name, parameters] :
       {std::pair<const char*, std::vector<store::Value>>{"any-parked-at-limit", {"Echo", "reason"}},
        {"lock-parked-at-limit", {"Echo", "reason", std::int64_t{5}}}}) {
    const Step step = stepOf(name, parameters, "inp_TaskQueue");
    EXPECT_EQ(step.key, "TaskHandlerClass") << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
  }
}

TEST_F(Statements, TheRunsOfALimitedHandlerAreCountedAmongTheOpenOnesOnly) {
  EXPECT_EQ(stepOf("running-of-handler", {"Echo"}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("running-of-handler", {"Echo"}, "t").access, "eq_ref");
  EXPECT_EQ(stepOf("running-by-key", {"Echo"}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("running-of-key", {"Echo", "k"}, "r").key, "OpenTaskQueueId");
  EXPECT_EQ(stepOf("running-of-key", {"Echo", "k"}, "t").access, "eq_ref");
}

TEST_F(Statements, TasksOutOfLineAreFoundAmongOpenRunsAndRunningTasks) {
  const auto plan = planOf("inconsistent-tasks", {std::int64_t{10}});
  ASSERT_GE(plan.size(), 6U);
  EXPECT_EQ(plan[0].key, "OpenTaskQueueId");
  EXPECT_EQ(plan[2].key, "LastStatus");
  EXPECT_EQ(plan[3].key, "OpenTaskQueueId");
  const auto parked = std::find_if(plan.begin(), plan.end(), [](const Step& step) {
    return step.table == "t" && step.key == "TaskHandlerClass";
  });
  ASSERT_NE(parked, plan.end());
  EXPECT_THAT(parked->extra, HasSubstr("Using index"));
}

TEST_F(Statements, WhatAClaimAsksOfManyClassesIsFoundByName) {
  const std::string names = R"([{"k":"queue","n":"default"},{"k":"handler","n":"Echo"}])";
  EXPECT_EQ(stepOf("pauses-and-limits-of", {names, names}, "p").key, "KindName");
  EXPECT_EQ(stepOf("pauses-and-limits-of", {names, names}, "l").key, "TaskHandlerClass");
  EXPECT_EQ(stepOf("offered-by-others", {R"(["Echo"])", std::int64_t{1}}, "h").key, "TaskHandlerClass");
}

TEST_F(Statements, PrioritiesThatThereAreNotAreFoundByTheClaimIndex) {
  const std::int64_t max = 1000, first = 0, last = 9;
  for (const Step& step : planOf("find-priorities-outside", {"default", first, max, "default", last, max}))
    EXPECT_THAT(step.key, AnyOf("Claim", "")) << step.table;
  EXPECT_EQ(stepOf("lock-priorities-outside", {"[1,2]", first, last}, "t").key, "PRIMARY");
}

TEST_F(Statements, KeysThatWereFreedCostNothingWhereNoneIsLimited) {
  connection_.executeText(connection_.names().expand("DELETE FROM {TaskQueueLimits}"), {});
  const auto plan = planOf("freed-keys", {"[1,2]"});
  EXPECT_TRUE(std::all_of(plan.begin(), plan.end(), [](const Step& step) {
    return step.table == "l" || step.table == "v" || step.access == "eq_ref" || step.access.empty();
  }));
}

TEST_F(Statements, ParkedTasksAreFoundByTheirClass) {
  const Step step = stepOf("lock-parked-of-handler", {"Echo", std::int64_t{1000}}, "inp_TaskQueue");
  EXPECT_EQ(step.access, "range");
  EXPECT_EQ(step.key, "TaskHandlerClass");
  EXPECT_EQ(stepOf("unpark-tasks", {"[1,2]"}, "t").key, "PRIMARY");
}

TEST_F(Statements, DueSchedulesAreReadInOrderWithoutASort) {
  const Step step =
      stepOf("find-due-schedules", {std::int64_t{1'700'000'010}, std::int64_t{100}}, "inp_TaskSchedules");
  EXPECT_EQ(step.access, "range");
  EXPECT_EQ(step.key, "NextFireOn");
  EXPECT_THAT(step.extra, Not(HasSubstr("filesort")));
  EXPECT_EQ(
      stepOf("lock-due-schedule", {std::int64_t{5}, std::int64_t{1'700'000'005}}, "inp_TaskSchedules").key,
      "PRIMARY");
  EXPECT_EQ(stepOf("find-schedules", {std::int64_t{100}}, "inp_TaskSchedules").key, "Name");
}

TEST_F(Statements, WhatIsPrunedIsFoundByItsDateWithoutASort) {
  const std::int64_t before = 1'700'000'000;
  const std::int64_t max = 100;
  const Step tasks =
      stepOf("old-tasks",
             {before, before, before, std::int64_t{0}, std::int64_t{0}, std::int64_t{0}, before, max}, "t");
  EXPECT_EQ(tasks.key, "QueuedOn");
  EXPECT_EQ(tasks.access, "range");
  EXPECT_THAT(tasks.extra, Not(HasSubstr("filesort")));
  for (const auto& [name, table, key] : {std::tuple("prune-requests", "inp_TaskQueueRequests", "CreatedOn"),
                                         std::tuple("prune-firings", "inp_TaskScheduleFirings", "FiredOn"),
                                         std::tuple("prune-changes", "inp_TaskQueueAudit", "ChangedOn"),
                                         std::tuple("prune-runners", "inp_TaskRunners", "FinishedOn"),
                                         std::tuple("old-checkpoints", "c", "UpdatedOn")}) {
    const Step step = stepOf(name, {before, max}, table);
    EXPECT_EQ(step.key, key) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
  }
  connection_.queryText("UPDATE inp_TaskRuns SET FinishedOn = 1600000000 WHERE Id <= 900");
  EXPECT_EQ(stepOf("old-run-files", {before, before, max}, "f").key, "TaskRunId");
  EXPECT_EQ(stepOf("old-run-files", {before, before, max}, "r").access, "eq_ref");
}

TEST_F(Statements, WhatIsPrunedOfATaskIsFoundByItsKeys) {
  for (const auto& [name, table, key] :
       {std::tuple("lock-ended", "t", "PRIMARY"), std::tuple("prune-runs", "r", "PRIMARY"),
        std::tuple("prune-tasks", "t", "PRIMARY"), std::tuple("prune-files-of-runs", "f", "TaskRunId"),
        std::tuple("prune-checkpoints-of-tasks", "c", "TaskQueueId"),
        std::tuple("prune-run-files", "f", "PRIMARY"), std::tuple("prune-checkpoints", "c", "PRIMARY")}) {
    EXPECT_EQ(stepOf(name, {"[10,11]"}, table).key, key) << name;
  }
  EXPECT_EQ(stepOf("runs-of-ended", {"[10,11]", std::int64_t{500}}, "r").key, "TaskQueueId");
}

TEST_F(Statements, TheFiringsOfAScheduleAreReadByTheirKey) {
  const Step step = stepOf("firings", {std::int64_t{5}, std::int64_t{50}}, "inp_TaskScheduleFirings");
  EXPECT_EQ(step.key, "ScheduleFireOn");
}

}  // namespace
}  // namespace taskqueue::contract::statements_tests
