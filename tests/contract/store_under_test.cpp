#include "tests/contract/store_under_test.h"

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"
#include "tests/support/fake_store.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::contract {
namespace {

using store::Value;

// The time at which every test begins.
constexpr UnixSeconds kStoreUnderStart = 1'700'000'000;
constexpr const char* kStoreUnderDatabase = "contract";

class FakeUnderTest : public StoreUnderTest {
 public:
  Stores store() override { return fake_.roles(); }
  void advance(std::chrono::seconds by) override { fake_.tables.advance(by); }

  int insertRow(const PlainRow& row) override {
    Task task;
    task.taskHandlerClass = row.taskHandlerClass;
    task.taskData = row.taskData;
    task.scheduledOn = row.scheduledOn;
    task.queuedOn = row.queuedOn == PlainRow::kQueuedNow ? fake_.clock.now() : row.queuedOn;
    task.queue = row.queue;
    task.priority = row.priority;
    // An unknown status counts as "not tried yet".
    task.lastStatus = parseRunStatus(row.lastStatus).value_or(RunStatus::Scheduled);
    task.maxRetries = row.maxRetries;
    task.taskRunsFailed = row.taskRunsFailed;
    task.title = row.title;
    task.parkedReason = row.parkedReason;
    const int id = fake_.tables.insertRow(task);
    fake_.tables.tasks.at(id).task.nextRunOn = row.nextRunOn;
    return id;
  }
  void putBackNextRunOn(int taskId, UnixSeconds nextRunOn) override {
    fake_.tables.tasks.at(taskId).task.nextRunOn = nextRunOn;
  }
  void setMaxRetries(int taskId, int maxRetries) override {
    fake_.tables.tasks.at(taskId).task.maxRetries = maxRetries;
  }
  void setRunStatus(int runId, RunStatus status) override { fake_.tables.runs.at(runId).run.status = status; }
  void deleteTask(int taskId) override { fake_.tables.tasks.erase(taskId); }
  void putBackDeletedTask(int taskId) override {
    Task& task = fake_.tables.tasks[taskId].task;
    task.id = taskId;
    task.taskHandlerClass = "Echo";
    task.queue = kDefaultQueue;
    task.priority = kDefaultPriority;
    task.maxRetries = kDefaultMaxRetries;
    task.lastStatus = RunStatus::Running;
    task.scheduledOn = fake_.clock.now();
    task.nextRunOn.reset();
  }
  void setRunnerStatus(int runnerId, RunnerStatus status) override {
    Runner& runner = fake_.tables.runners.at(runnerId).runner;
    runner.status = status;
    runner.finishedOn = fake_.clock.now();
  }
  void deleteRunner(int runnerId) override { fake_.tables.runners.erase(runnerId); }
  void putBackRunningTask(int taskId) override {
    fake_.tables.tasks.at(taskId).task.lastStatus = RunStatus::Running;
    fake_.tables.tasks.at(taskId).task.nextRunOn.reset();
    fake_.tables.tasks.at(taskId).notify.taskId.reset();
  }
  void cancelTaskAlone(int taskId) override {
    fake_.tables.tasks.at(taskId).task.lastStatus = RunStatus::Cancelled;
    fake_.tables.tasks.at(taskId).task.nextRunOn.reset();
  }
  void putBackRunningRun(const RunOwnership& owned, int runnerId) override {
    test_support::FakeRun& row = fake_.tables.runs.at(owned.runId);
    row.token = owned.runToken;
    row.run.status = RunStatus::Running;
    row.run.taskRunnerId = runnerId;
    row.run.finishedOn.reset();
  }
  void forgetRunnerOf(int runId) override { fake_.tables.runs.at(runId).run.taskRunnerId.reset(); }
  void requestDrain(int runnerId) override {
    fake_.tables.runners.at(runnerId).runner.drainRequestedOn = fake_.clock.now();
  }
  void putRunFile(int runId, const std::string& name, const std::string& contentType,
                  const std::vector<std::string>& parts) override {
    std::string content;
    for (const std::string& part : parts) content += part;
    fake_.tables.runs.at(runId).files[name] = {contentType, content};
  }
  void setRunnerLimit(const std::string& value) override {
    fake_.tables.oddRunnerLimit = readRunnerLimit(value);
  }
  void removeRunnerLimit() override { fake_.tables.oddRunnerLimit = readRunnerLimit(std::nullopt); }
  void useUpIds(const std::string& table, std::int64_t nextId) override {
    fake_.tables.tableIds = {{"inp_" + table, nextId}};
  }
  // Only the tables are checked, not the model.
  std::vector<std::string> brokenInvariants() override { return {}; }

 private:
  test_support::FakeStore fake_;
};

// Every claim makes a full scan, as the rules say. So rows that the tests set into the past are found at
// once.
constexpr auto kNeverSettled = store::ClaimCursor::kNeverSettled;

class MariaUnderTest : public StoreUnderTest {
 public:
  MariaUnderTest()
      : store_(
            test_support::settingsFor(migratedDatabase()), test_support::cmsNames(),
            [this] { return nextToken(); }, [] { return 0.0; }, kNeverSettled) {
    test_support::emptyTables(connection());
    showTime();
  }
  ~MariaUnderTest() override {
    for (const std::string& table : usedUp_) {
      connection().queryText("DELETE FROM inp_" + table);
      connection().queryText("ALTER TABLE inp_" + table + " AUTO_INCREMENT = 1");
    }
  }
  MariaUnderTest(const MariaUnderTest&) = delete;
  MariaUnderTest& operator=(const MariaUnderTest&) = delete;

  Stores store() override { return store_.roles(); }
  store::Connection& connection() override { return store_.connection(); }

  // UNIX_TIMESTAMP() honours the session's timestamp; the clock stands still until it is moved.
  void advance(std::chrono::seconds by) override {
    now_ += by.count();
    showTime();
  }

  int insertRow(const PlainRow& row) override {
    execute(
        "INSERT INTO {TaskQueue} (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, LastStatus, "
        "MaxRetries, TaskRunsFailed, Queue, Priority, Title, ParkedReason, NextRunOn) VALUES (?, ?, ?, ?, "
        "-1, ?, "
        "?, ?, ?, ?, ?, ?, ?)",
        {row.taskHandlerClass, row.taskData, row.scheduledOn,
         row.queuedOn == PlainRow::kQueuedNow ? now_ : row.queuedOn, row.lastStatus,
         std::int64_t{row.maxRetries}, std::int64_t{row.taskRunsFailed}, row.queue,
         std::int64_t{row.priority}, row.title, row.parkedReason, row.nextRunOn});
    return connection().queryText("SELECT LAST_INSERT_ID()").at(0).number();
  }
  void putBackNextRunOn(int taskId, UnixSeconds nextRunOn) override {
    execute("UPDATE {TaskQueue} SET NextRunOn = ? WHERE Id = ?", {nextRunOn, std::int64_t{taskId}});
  }
  void setMaxRetries(int taskId, int maxRetries) override {
    execute("UPDATE {TaskQueue} SET MaxRetries = ? WHERE Id = ?",
            {std::int64_t{maxRetries}, std::int64_t{taskId}});
  }
  void setRunStatus(int runId, RunStatus status) override {
    execute("UPDATE {TaskRuns} SET Status = ? WHERE Id = ?",
            {std::string(toString(status)), std::int64_t{runId}});
  }
  void deleteTask(int taskId) override {
    execute("DELETE FROM {TaskQueue} WHERE Id = ?", {std::int64_t{taskId}});
  }
  void putBackDeletedTask(int taskId) override {
    execute(
        "INSERT INTO {TaskQueue} (Id, TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, LastStatus, "
        "NextRunOn) "
        "VALUES (?, 'Echo', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), 'running', NULL)",
        {std::int64_t{taskId}});
  }
  void setRunnerStatus(int runnerId, RunnerStatus status) override {
    execute("UPDATE {TaskRunners} SET Status = ?, FinishedOn = UNIX_TIMESTAMP() WHERE Id = ?",
            {std::string(toString(status)), std::int64_t{runnerId}});
  }
  void deleteRunner(int runnerId) override {
    execute("DELETE FROM {TaskRunners} WHERE Id = ?", {std::int64_t{runnerId}});
  }
  void putBackRunningTask(int taskId) override {
    execute(
        "UPDATE {TaskQueue} SET LastStatus = 'running', NextRunOn = NULL, NotificationTaskId = NULL WHERE Id "
        "= ?",
        {std::int64_t{taskId}});
  }
  void cancelTaskAlone(int taskId) override {
    execute(
        "UPDATE {TaskQueue} SET LastStatus = 'cancelled', NextRunOn = NULL, ActiveKey = NULL WHERE Id = ?",
        {std::int64_t{taskId}});
  }
  void putBackRunningRun(const RunOwnership& owned, int runnerId) override {
    execute(
        "UPDATE {TaskRuns} SET Status = 'running', OpenTaskQueueId = TaskQueueId, RunToken = ?, TaskRunnerId "
        "= ?, "
        "FinishedOn = NULL WHERE Id = ?",
        {owned.runToken, std::int64_t{runnerId}, std::int64_t{owned.runId}});
  }
  void forgetRunnerOf(int runId) override {
    execute("UPDATE {TaskRuns} SET TaskRunnerId = NULL WHERE Id = ?", {std::int64_t{runId}});
  }
  void requestDrain(int runnerId) override {
    execute("UPDATE {TaskRunners} SET DrainRequestedOn = UNIX_TIMESTAMP() WHERE Id = ?",
            {std::int64_t{runnerId}});
  }
  void putRunFile(int runId, const std::string& name, const std::string& contentType,
                  const std::vector<std::string>& parts) override {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      execute(
          "INSERT INTO {TaskRunFiles} (TaskRunId, Name, ContentType, Part, Bytes, Content) VALUES (?, ?, ?, "
          "?, ?, ?)",
          {std::int64_t{runId}, name, contentType, static_cast<std::int64_t>(i),
           static_cast<std::int64_t>(parts[i].size()), parts[i]});
    }
  }
  void setRunnerLimit(const std::string& value) override {
    execute("UPDATE {Settings} SET VariableValue = ? WHERE VariableName = 'TaskRunnerLimit'", {value});
  }
  void removeRunnerLimit() override {
    execute("DELETE FROM {Settings} WHERE VariableName = 'TaskRunnerLimit'", {});
  }
  void useUpIds(const std::string& table, std::int64_t nextId) override {
    connection().queryText("ALTER TABLE inp_" + table + " AUTO_INCREMENT = " + std::to_string(nextId));
    usedUp_.push_back(table);
  }
  std::vector<std::string> brokenInvariants() override { return test_support::checkInvariants(connection()); }

 private:
  static const char* migratedDatabase() {
    static const bool migrated = [] {
      test_support::sharedServer().createDatabase(kStoreUnderDatabase);
      test_support::migrate(kStoreUnderDatabase);
      return true;
    }();
    return migrated ? kStoreUnderDatabase : "";
  }

  void execute(const char* sql, const std::vector<Value>& parameters) {
    connection().executeText(connection().names().expand(sql), parameters);
  }

  void showTime() { connection().queryText("SET timestamp=" + std::to_string(now_)); }

  std::string nextToken() {
    std::ostringstream token;
    token << std::setw(32) << std::setfill('0') << ++lastToken_;
    return token.str();
  }

  UnixSeconds now_ = kStoreUnderStart;
  int lastToken_ = 0;
  std::vector<std::string> usedUp_;  // tables
  store::MariaStore store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> makeStore(StoreKind kind) {
  if (kind == StoreKind::Fake) return std::make_unique<FakeUnderTest>();
  return std::make_unique<MariaUnderTest>();
}

std::string nameOf(const ::testing::TestParamInfo<StoreKind>& info) {
  return info.param == StoreKind::Fake ? "Fake" : "MariaDb";
}

}  // namespace taskqueue::contract
