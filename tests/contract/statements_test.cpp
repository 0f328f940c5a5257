// All statements are valid. Those of the claim are served by the indexes that they name.
#include "tests/contract/statement_plans.h"

namespace taskqueue::contract::statements_tests {
namespace {

TEST_F(Statements, EveryStatementIsPreparedOnAFreshSchema) {
  ASSERT_GT(Sql::all().size(), 40U);
  for (const Sql* sql : Sql::all()) {
    std::string quoted;
    for (const char c : connection_.names().expand(sql->text())) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    EXPECT_NO_THROW(connection_.queryText("PREPARE s FROM '" + quoted + "'")) << sql->name();
  }
}

TEST_F(Statements, TheExamplesOfTheDocumentationRun) {
  std::ifstream file(TASKQUEUE_SOURCE_DIRECTORY "/sql/README.md");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::string begin = "```sql\n";
  int examples = 0;
  for (auto at = text.find(begin); at != std::string::npos; at = text.find(begin, at + 1)) {
    const auto from = at + begin.size();
    const std::string example = text.substr(from, text.find(";\n```", from) - from);
    EXPECT_NO_THROW(connection_.queryText(example)) << example;
    ++examples;
  }
  EXPECT_EQ(examples, 3);
}

TEST_F(Statements, EveryPlaceholderIsATable) {
  std::set<std::string> known{"", "Settings", "Task"};  // `{}` is JSON; `{Task}%` matches all our tables
  for (Row& row : connection_.queryText("SHOW TABLES LIKE 'inp\\_%'")) known.insert(row.text().substr(4));
  for (const Sql* sql : Sql::all()) {
    const std::string& text = sql->text();
    EXPECT_EQ(text.find('\n'), std::string::npos) << sql->name();
    for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
      const std::string name = text.substr(open + 1, text.find('}', open) - open - 1);
      EXPECT_TRUE(known.contains(name)) << sql->name() << ": {" << name << "}";
    }
  }
}

TEST_F(Statements, APieceMustExistAndMayNotHoldItself) {
  static const store::SqlPiece kInner{"inner_of_test", R"(
    t.Id,
    t.Queue
  )"};
  static const store::SqlPiece kOuter{"outer_of_test", "SELECT {inner_of_test}"};
  static const store::SqlPiece kEndless{"endless_of_test", "{endless_of_test}"};
  EXPECT_EQ(store::expandPieces("{outer_of_test} FROM {TaskQueue} t WHERE t.TaskData = '{}'"),
            "SELECT t.Id, t.Queue FROM {TaskQueue} t WHERE t.TaskData = '{}'");
  EXPECT_THROW(store::expandPieces("{no_such_piece}"), StoreError);
  EXPECT_THROW(store::expandPieces("{endless_of_test}"), StoreError);
}

TEST_F(Statements, NoneAsksTheClockInWordsThatAnIntColumnMisunderstands) {
  for (const Sql* sql : Sql::all()) {
    std::string upper = sql->text();
    std::transform(upper.begin(), upper.end(), upper.begin(),
                   [](unsigned char c) { return std::toupper(c); });
    for (const char* word : {"NOW(", "CURRENT_TIMESTAMP", "SYSDATE", "LOCALTIME", "CURDATE", "CURTIME"}) {
      EXPECT_THAT(upper, Not(HasSubstr(word))) << sql->name();
    }
  }
}

TEST_F(Statements, TheDueTasksAreLockedInTheOrderOfTheClaimIndexWithoutASort) {
  const std::vector<store::Value> level{"default", std::int64_t{4}};
  const std::vector<std::pair<const char*, std::vector<store::Value>>> statements{
      {"lock-due", {std::int64_t{100}, std::int64_t{7}, std::int64_t{100}, std::int64_t{10}}},
      {"lock-new", {std::int64_t{5}, std::int64_t{10}}}};
  for (const auto& [name, more] : statements) {
    std::vector<store::Value> parameters = level;
    parameters.insert(parameters.end(), more.begin(), more.end());
    const Step step = stepOf(name, parameters, "t");
    EXPECT_EQ(step.access, "range") << name;
    EXPECT_EQ(step.key, "Claim") << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("temporary"))) << name;
  }
}

TEST_F(Statements, ASearchForDueTasksOfSomeClassesReadsTheClaimIndexInItsOrder) {
  const std::vector<store::Value> classes{"Echo", "Import"};
  const std::int64_t place = 100;
  const std::vector<std::pair<store::ClaimLine, std::vector<store::Value>>> lines{
      {store::ClaimLine::New, {"default", std::int64_t{4}, place}},
      {store::ClaimLine::Timed, {"default", std::int64_t{4}, place, place, place}}};
  for (const auto& [line, ofLine] : lines) {
    std::vector<store::Value> parameters = classes;
    parameters.insert(parameters.end(), ofLine.begin(), ofLine.end());
    parameters.emplace_back(std::int64_t{10});
    parameters.insert(parameters.end(), ofLine.begin(), ofLine.end());
    int steps = 0;
    for (const Step& step : planOfText(store::DueSearch::textFor(line, classes.size()), parameters)) {
      if (step.table != "t") continue;
      ++steps;
      EXPECT_EQ(step.key, "Claim");
      EXPECT_EQ(step.access, "range");
      EXPECT_THAT(step.extra, Not(HasSubstr("filesort")));
      EXPECT_THAT(step.extra, Not(HasSubstr("temporary")));
    }
    EXPECT_EQ(steps, 2);
  }
  EXPECT_EQ(stepOf("lock-found", {R"([{"n":0,"q":1}])", "default", std::int64_t{4}}, "t").key, "Claim");
}

TEST_F(Statements, NamedTasksAndTheNewestAreFoundByTheirId) {
  const std::vector<store::Value> parameters{"[5]", R"(["default"])", R"(["Echo"])", std::int64_t{1}};
  for (const char* table : {"t", "u", "n"}) {
    const Step step = stepOf("lock-named", parameters, table);
    EXPECT_EQ(step.key, "PRIMARY") << table;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << table;
  }
  EXPECT_EQ(stepOf("lock-named", parameters, "l").key, "TaskHandlerClass");
  EXPECT_THAT(planOf("newest-task", {}).at(0).extra, HasSubstr("optimized away"));
}

TEST_F(Statements, TheTaskThatIsDueLongestIsFoundInTheOrderOfAnIndexWithoutASort) {
  const std::string queue = "default";
  const std::int64_t priority = 4;
  const std::int64_t max = 2000;
  const std::vector<std::tuple<const char*, const char*, std::vector<store::Value>>> statements{
      {"oldest-due", "NextRunOn", {}},
      {"new-tasks", "NextRunOn", {std::int64_t{5}, max}},
      {"oldest-of-band", "Claim", {queue, priority}},
      {"new-of-band", "Claim", {queue, priority, std::int64_t{5}, max}},
      {"waiting-of-band", "Claim", {queue, priority, max}}};
  for (const auto& [name, key, parameters] : statements) {
    const Step step = stepOf(name, parameters, "t");
    EXPECT_EQ(step.access, "range") << name;
    EXPECT_EQ(step.key, key) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("temporary"))) << name;
  }
  EXPECT_THAT(stepOf("waiting-of-band", {queue, priority, max}, "t").extra, HasSubstr("Using index"));
}

TEST_F(Statements, HealthIsReadByAFewSeeks) {
  const std::vector<std::pair<const char*, std::vector<store::Value>>> seeks{
      {"next-queue", {""}},
      {"next-band", {"default", std::int64_t{4}}},
      {"next-class", {""}},
      {"next-reason", {"Echo", ""}}};
  for (const auto& [name, parameters] : seeks) {
    const auto plan = planOf(name, parameters);
    ASSERT_EQ(plan.size(), 1U) << name;
    EXPECT_THAT(plan[0].extra,
                AnyOf(HasSubstr("Select tables optimized away"), HasSubstr("No matching min/max row")))
        << name;
  }
  const Step counted = stepOf("parked-tasks", {"Echo", "reason", std::int64_t{1001}}, "inp_TaskQueue");
  EXPECT_EQ(counted.key, "TaskHandlerClass");
  EXPECT_THAT(counted.extra, HasSubstr("Using index"));
  for (const Step& step : planOf("last-signs", {}))
    EXPECT_THAT(step.extra, AnyOf(HasSubstr("Select tables optimized away"), HasSubstr("No tables used")));
  EXPECT_EQ(stepOf("lost-runners", {std::int64_t{5}, std::int64_t{10}}, "inp_TaskRunners").key, "FinishedOn");
  EXPECT_EQ(stepOf("handler-outcomes", {std::int64_t{5}}, "inp_TaskQueueMinutes").key, "MinuteOn");
  const Step usual =
      stepOf("outcome-of-handler", {"Echo", std::int64_t{5}, std::int64_t{9}}, "inp_TaskQueueMinutes");
  EXPECT_EQ(usual.key, "HandlerMinute");
  EXPECT_THAT(usual.extra, HasSubstr("Using index"));
}

TEST_F(Statements, ThePagesOfTheListAreReadInTheOrderOfAnIndexWithoutASort) {
  int looked = 0;
  for (const Sql* sql : Sql::all()) {
    const std::string name = sql->name();
    const std::string& text = sql->text();
    const auto has = [&](const char* part) { return text.find(part) != std::string::npos; };
    const auto count = static_cast<std::size_t>(std::count(text.begin(), text.end(), '?'));
    // Plans without further conditions represent the others. A handler's parked tasks are sorted, because the
    // index orders them by reason.
    const bool isPage = name == "grid-border" || name == "grid-rows";
    if (!isPage || has(" LIKE ") || has("ErrorCode") || has("ParkedReason > ''")) continue;
    std::vector<store::Value> parameters(count, std::int64_t{1000});
    if (has("WHERE t.LastStatus = ?") || has("WHERE t.TaskHandlerClass = ?")) parameters.front() = "success";
    if (has("WHERE t.QueuedOn BETWEEN")) parameters.front() = std::int64_t{0};
    for (Row& row : connection_.queryText("EXPLAIN " + connection_.names().expand(text), parameters)) {
      for (int i = 0; i < 9; ++i) row.optionalText();
      const std::string extra = row.text();
      EXPECT_THAT(extra, Not(HasSubstr("filesort"))) << text;
      EXPECT_THAT(extra, Not(HasSubstr("temporary"))) << text;
    }
    ++looked;
  }
  EXPECT_GE(looked, 40);
}

TEST_F(Statements, AClaimLocksLittleMoreThanItTakes) {
  constexpr std::int64_t kTaken = 10;
  const store::Transaction transaction(connection_);
  const auto rows = connection_.queryText(textOf("lock-due"), {"default", std::int64_t{4}, std::int64_t{0},
                                                               std::int64_t{0}, std::int64_t{0}, kTaken});
  ASSERT_EQ(rows.size(), static_cast<std::size_t>(kTaken));
  const auto locked = connection_.queryText(
      "SELECT trx_rows_locked FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = "
      "CONNECTION_ID()");
  ASSERT_EQ(locked.size(), 1U);
  EXPECT_LE(Row(locked.front()).integer(), 4 * kTaken);
}

TEST_F(Statements, RowsOfABatchAreFoundByTheirPrimaryKey) {
  const std::vector<std::pair<const char*, const char*>> hot{
      {"finish-runs", "r"},  {"finish-tasks", "t"}, {"finish-plain-runs", "r"}, {"owned-runs", "r"},
      {"release-runs", "r"}, {"release-runs", "t"}, {"write-progress", "r"},    {"defer", "t"},
      {"retire", "t"},       {"unpark-these", "t"}, {"write-output", "r"},      {"drop-output", "r"}};
  for (const auto& [name, table] : hot) {
    const Step step = stepOf(name, {kRows}, table);
    EXPECT_EQ(step.access, "eq_ref") << name;
    EXPECT_EQ(step.key, "PRIMARY") << name;
    EXPECT_THAT(step.extra, Not(HasSubstr("filesort"))) << name;
  }
}

}  // namespace
}  // namespace taskqueue::contract::statements_tests
