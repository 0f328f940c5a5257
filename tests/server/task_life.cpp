#include "tests/server/task_life.h"

#include <algorithm>
#include <chrono>

#include "module/queue/notification.h"
#include "module/queue/schedule/fire.h"
#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::server_tests {
namespace {

// Every claim makes a full scan, so that the claimed rows do not depend on timing.
constexpr std::chrono::hours kNeverSettled{1000000};

std::string withoutIds(const std::string& title) {
  std::string text;
  for (const char c : title) text += c >= '0' && c <= '9' ? '#' : c;
  text.erase(
      std::unique(text.begin(), text.end(), [](char one, char other) { return one == '#' && other == '#'; }),
      text.end());
  return text;
}

class Life {
 public:
  explicit Life(const std::string& database)
      : database_(database),
        store_(
            test_support::settingsFor(database), test_support::cmsNames(),
            [this] { return "token" + std::to_string(++tokens_); }, [] { return 0.0; }, kNeverSettled) {
    test_support::emptyTables(store_.connection());
  }

  std::vector<std::string> lines() {
    enqueue();
    work();
    control();
    schedule();
    rescue();
    read();
    for (const std::string& broken : test_support::checkInvariants(store_.connection()))
      say("broken: " + broken);
    return std::move(lines_);
  }

 private:
  void say(const std::string& line) { lines_.push_back(line); }

  void enqueue() {
    runner_ = addRunner(1);
    const std::vector<NewTask> tasks{{.taskHandlerClass = "Echo",
                                      .taskData = R"({"a":"it's \"quoted\" \\ ? %"})",
                                      .uniqueKey = "key",
                                      .title = "Ωж😀 ?",
                                      .notifyOn = NotifyOn::Both,
                                      .notifyTo = "ada@example.com"},
                                     {.taskHandlerClass = "Echo", .concurrencyKey = "c"},
                                     {.taskHandlerClass = "Echo", .concurrencyKey = "c"}};
    say("enqueued " +
        std::to_string(store_.tasks.insertTasks(tasks, IdempotencyKey{"request", "hash"}).tasks.size()));
    say(store_.tasks.insertTasks(tasks, IdempotencyKey{"request", "hash"}).replayed ? "replayed"
                                                                                    : "not replayed");
    const NewTask again{.taskHandlerClass = "Echo", .uniqueKey = "key"};
    say(store_.tasks.insertTasks(std::span(&again, 1), std::nullopt).tasks.at(0).created ? "made twice"
                                                                                         : "kept");
    const std::vector<NewTask> many(70, NewTask{.taskHandlerClass = "Echo", .title = "many"});
    say("enqueued " + std::to_string(store_.tasks.insertTasks(many, std::nullopt).tasks.size()));
    store_.handlers.setHandlerLimit("Echo", 200, 1, -1);
  }

  int addRunner(int processId) {
    NewRunner self;
    self.identity = {
        .processId = processId, .hostName = "h", .bootId = "b", .pidNamespace = 1, .processStartTicks = 1};
    self.queues = {"default"};
    self.slots = 10;
    const std::vector<HandlerDeclaration> handlers{
        {.taskHandlerClass = "Echo", .kind = "cpp", .dataSchema = R"({"type":"object"})"}};
    return store_.runners.registerRunner(self, handlers);
  }

  SyncRequest request(int claims) {
    return {.taskRunnerId = runner_, .claimLimit = claims, .queues = {"default"}, .handlers = {"Echo"}};
  }

  void work() {
    claimed_ = store_.runners.sync(request(20)).claimed;
    say("claimed " + std::to_string(claimed_.size()) + ", the first is " + claimed_.at(0).task.title +
        " with " + claimed_.at(0).task.taskData);
    SyncRequest news = request(0);
    news.progress.push_back({claimed_.at(0).owned, 30, "note"});
    news.output.push_back({.owned = claimed_.at(0).owned, .content = "héllo\n"});
    store_.runners.sync(news);
    say("in hand " + std::to_string(store_.runners.heartbeat(runner_, {.memoryKb = 5}).owned.size()));
    SyncRequest ends = request(0);
    for (std::size_t i = 0; i < 4; ++i) {
      RunEnd end;
      end.owned = claimed_.at(i).owned;
      end.status = i == 1 ? RunStatus::Error : RunStatus::Success;
      end.errorCode = i == 1 ? "broke" : "";
      end.percentsCompleted = 100;
      if (i == 0) {
        end.results = R"({"n":1})";
        end.standardOutput = {.kept = "héllo\n", .totalBytes = 7};
        end.hadLiveOutput = true;
      }
      ends.ends.push_back(end);
    }
    ends.releases.push_back({claimed_.at(4).owned, 0});
    say("refused " + std::to_string(store_.runners.sync(ends).lostRuns.size()));
    say("output " +
        store_.tasks.readOutput(claimed_.at(0).owned.runId, OutputStream::StandardOutput, 0, 99)->content);
  }

  void control() {
    say("cancelled " + std::to_string(static_cast<int>(store_.tasks.cancelTask(claimed_.at(5).task.id))));
    say("retried " +
        std::to_string(static_cast<int>(store_.tasks.retryTask(claimed_.at(2).task.id, std::nullopt))));
    store_.handlers.setPaused(PauseKind::Queue, "default", true, -1);
    say("paused " + std::to_string(store_.handlers.findPauses().size()));
    store_.handlers.setPaused(PauseKind::Queue, "default", false, -1);
    const NewTask replacing{
        .taskHandlerClass = "Echo", .uniqueKey = "other", .uniqueMode = UniqueMode::Replace};
    store_.tasks.insertTasks(std::span(&replacing, 1), std::nullopt);
    say(store_.tasks.insertTasks(std::span(&replacing, 1), std::nullopt).tasks.at(0).replacedId
            ? "replaced"
            : "not replaced");
  }

  void schedule() {
    const ScheduleDefinition definition{
        .name = "s", .taskHandlerClass = "Echo", .cronExpression = "0 0 29 2 */7", .overlap = Overlap::Queue};
    store_.schedules.addSchedule(definition, store_.clock.now(), 0);
    fireDueSchedules(store_.roles(), {});
    store_.maintenance.markOverseer();
    say("schedules " + std::to_string(store_.schedules.findSchedules(10).size()) + ", firings " +
        std::to_string(
            store_.schedules.firingsOfSchedule(store_.schedules.findSchedules(10).at(0).id, 10).size()));
    const auto missing = store_.maintenance.findTasksMissingRun(100);
    for (const int id : missing) store_.maintenance.createRunIfAllowed(id);
    say("made runs " + std::to_string(missing.size()));
  }

  void rescue() {
    say(store_.runners.timeOutRunner(runner_, {.retry = {.delay = std::chrono::seconds(0)}}) ? "rescued"
                                                                                             : "not rescued");
    runner_ = addRunner(2);
    say("claimed " + std::to_string(store_.runners.sync(request(100)).claimed.size()) + " after the rescue");
    say("out of line " + std::to_string(store_.maintenance.findInconsistentTasks(100).size()));
    for (const Task& task : store_.tasks.findTasks({.limit = 200})) store_.maintenance.recountTask(task.id);
    store_.runners.heartbeat(runner_, {.memoryKb = 77});
  }

  // A separate connection reads, so that uncommitted changes are invisible.
  void read() {
    store::MariaStore eye(
        test_support::settingsFor(database_), test_support::cmsNames(), [] { return ""; },
        [] { return 0.0; });
    for (const Task& task : eye.tasks.findTasks({.limit = 200})) {
      std::string line = task.taskHandlerClass + "|" + withoutIds(task.title) + "|" +
                         std::string(toString(task.lastStatus)) + "|" + std::to_string(task.taskRunsFailed) +
                         "|" + task.parkedReason + "|" + (task.nextRunOn ? "waits" : "does not wait");
      for (const Run& run : eye.tasks.runsOfTask(task.id)) {
        line +=
            "|" + std::string(toString(run.status)) + " " + run.errorCode + " " + run.results.value_or("-");
      }
      say(line);
    }
    say("memory of the newest runner " + std::to_string(eye.runners.findRunners(false, 10).at(0).memoryKb));
    TaskGridRequest grid;
    grid.filter.limit = 200;
    grid.filter.titlePart = "many";
    say("grid " + std::to_string(eye.statistics.readTaskGrid(grid).tasks.size()));
    say("waiting " + std::to_string(eye.statistics.readQueueDepths(10, 1000).size()));
    for (const auto& [state, count] : eye.statistics.countByState(1000))
      say(std::string(toString(state)) + " " + std::to_string(count.value));
    say("running " + std::to_string(eye.statistics.findRunningTasks(100).size()));
    say("handlers " + std::to_string(eye.handlers.findHandlers().size()) + ", runners " +
        std::to_string(eye.runners.findRunners(false, 10).size()));
    eye.connection().queryText("UPDATE inp_TaskRuns SET FinishedOn = FinishedOn - 600 WHERE FinishedOn > 0");
    eye.statistics.rollUpMinutes(1000);
    for (const auto& [name, sums] : eye.statistics.readHandlerStats(0))
      say(name + " " + std::to_string(sums.sums.succeeded) + " " + std::to_string(sums.sums.failed));
    say("pruned " + std::to_string(eye.maintenance.pruneTasks(eye.clock.now() - 300, 100).count));
  }

  std::string database_;
  int tokens_ = 0;
  store::MariaStore store_;
  int runner_ = 0;
  std::vector<ClaimedRun> claimed_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> lifeOfTasks(const std::string& database) {
  return Life(database).lines();
}

}  // namespace taskqueue::server_tests
