// Database errors at each statement of each operation. Errors that a retry fixes stay hidden. After a lost
// connection the operation can be repeated without harm.
#include <gmock/gmock.h>

#include <functional>
#include <iostream>
#include <set>

#include "module/platform/failpoint.h"
#include "module/queue/notification.h"
#include "module/queue/schedule/fire.h"
#include "tests/contract/contract_test.h"

namespace taskqueue::contract {
namespace {

using platform::Moment;
using ::testing::IsEmpty;

constexpr unsigned kLockWait = 1205;

class DatabaseErrors : public Contract {
 protected:
  struct Operation {
    const char* name;
    std::function<void()> run;
  };

  // A sequence of operations on tasks and runners in which each operation has something to do.
  std::vector<Operation> operations() {
    return {
        {"register", [this] { runnerId_ = registerOnce(); }},
        {"enqueue",
         [this] {
           store().tasks.insertTasks(newTasks(), IdempotencyKey{"request", "hash"});
         }},
        {"read",
         [this] {
           store().tasks.findTasks({});
           store().handlers.findHandlers();
           store().runners.findRunners(false, 10);
         }},
        {"limit", [this] { store().handlers.setHandlerLimit("Echo", 5, 1, -1); }},
        {"claim", [this] { keep(store().runners.sync(syncOf(runnerId_, 10)).claimed); }},
        {"heartbeat", [this] { reclaimLost(); }},
        {"report", [this] { reportAll(); }},
        {"cancel", [this] { store().tasks.cancelTask(claimed_.at(0).task.id); }},
        {"finish", [this] { finishOne(0, RunStatus::Success); }},
        {"release", [this] { releaseOne(1); }},
        {"pause", [this] { store().handlers.setPaused(PauseKind::Handler, "Echo", true, -1); }},
        {"resume", [this] { store().handlers.setPaused(PauseKind::Handler, "Echo", false, -1); }},
        {"why", [this] { store().tasks.findWaitFacts(claimed_.at(1).task.id); }},
        {"overseer",
         [this] {
           for (int id : store().maintenance.findTasksMissingRun(10))
             store().maintenance.createRunIfAllowed(id);
         }},
        {"rescue",
         [this] { store().runners.timeOutRunner(runnerId_, {.retry = {.delay = std::chrono::seconds(0)}}); }},
        {"recount",
         [this] {
           for (const Task& task : store().tasks.findTasks({})) store().maintenance.recountTask(task.id);
         }},
        {"repair",
         [this] {
           store().maintenance.findInconsistentTasks(10);
           store().runners.findEndedRunnersWithRuns(10);
         }},
        {"retry", [this] { store().tasks.retryTask(claimed_.at(2).task.id); }},
        {"schedule",
         [this] {
           store().schedules.addSchedule(schedule(), store().clock.now(), 0);
           fireDueSchedules(store(), {});
           store().maintenance.markOverseer();
           store().maintenance.markFallbackPass();
         }},
        {"end", [this] { store().runners.endRunner(runnerId_); }},
    };
  }

  // Each operation gets the error at its first statement, then again at its second, and so on. `again` runs
  // after each error that reaches the caller. Returns the number of injected errors.
  int sufferAll(unsigned error, Moment moment, bool mayComeThrough) {
    int heard = 0;
    for (const Operation& operation : operations()) {
      for (int statement = 0;; ++statement) {
        platform::armFailpoint(moment, error, statement);
        bool cameThrough = false;
        try {
          operation.run();
        } catch (const StoreError& problem) {
          cameThrough = true;
          // A sync does not wait for a lock again, because it has other work; it retries later.
          const bool ticks =
              std::set<std::string>{"claim", "heartbeat", "report", "finish", "release"}.contains(
                  operation.name);
          const bool hearsOfLock = error == kLockWait && ticks;
          EXPECT_TRUE(mayComeThrough || hearsOfLock)
              << operation.name << ", statement " << statement << ": " << problem.what();
          EXPECT_EQ(problem.kind(), hearsOfLock ? StoreError::Kind::TryAgain : StoreError::Kind::Unavailable)
              << operation.name << ": " << problem.what();
        }
        if (platform::disarmFailpoint()) break;  // the operation has fewer statements
        ++heard;
        if (cameThrough) operation.run();
      }
    }
    EXPECT_THAT(world().brokenInvariants(), IsEmpty());
    return heard;
  }

  void expectTheRightEnd() {
    EXPECT_EQ(store().tasks.findTasks({}).size(), 6U)
        << "each task was inserted once, the schedule fired once, and somebody was told of one end once";
    const TaskFilter notifications{.taskHandlerClass = kMailHandler};
    EXPECT_EQ(store().statistics.countUpTo(notifications, 1000).value, 1);
    EXPECT_TRUE(store().tasks.findNotification(claimed_.at(0).task.id).taskId);
    EXPECT_EQ(task(claimed_.at(0).task.id).lastStatus, RunStatus::Success);
    EXPECT_EQ(store().tasks.runsOfTask(claimed_.at(0).task.id).size(), 1U);
  }

 private:
  int registerOnce() {
    NewRunner self;
    self.identity = {
        .processId = 7, .hostName = "h", .bootId = "b", .pidNamespace = 1, .processStartTicks = 1};
    self.queues = {"default"};
    self.slots = 10;
    const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"}};
    return store().runners.registerRunner(self, handlers);
  }
  // It is due again in 2032: a new connection uses the real time, not the test's.
  static const ScheduleDefinition& schedule() {
    static const ScheduleDefinition definition{
        .name = "s", .taskHandlerClass = "Echo", .cronExpression = "0 0 29 2 */7", .overlap = Overlap::Queue};
    return definition;
  }
  static const std::vector<NewTask>& newTasks() {
    static const std::vector<NewTask> tasks{{.taskHandlerClass = "Echo",
                                             .uniqueKey = "k",
                                             .notifyOn = NotifyOn::Both,
                                             .notifyTo = "ada@example.com"},
                                            {.taskHandlerClass = "Echo"},
                                            {.taskHandlerClass = "Echo", .concurrencyKey = "c"},
                                            {.taskHandlerClass = "Echo", .concurrencyKey = "c"}};
    return tasks;
  }
  void keep(const std::vector<ClaimedRun>& runs) {
    for (const ClaimedRun& run : runs) {
      if (std::none_of(claimed_.begin(), claimed_.end(),
                       [&](const ClaimedRun& kept) { return kept.task.id == run.task.id; }))
        claimed_.push_back(run);
    }
  }
  // Releases runs that were claimed without an answer and claims them again, as a runner does.
  void reclaimLost() {
    SyncRequest request = syncOf(runnerId_, 0);
    for (const RunOwnership& owned : store().runners.heartbeat(runnerId_, {.memoryKb = 5}).owned) {
      const bool known = std::any_of(claimed_.begin(), claimed_.end(), [&](const ClaimedRun& run) {
        return run.owned.runToken == owned.runToken;
      });
      if (!known) request.releases.push_back({owned, 0});
    }
    store().runners.sync(request);
    keep(store().runners.sync(syncOf(runnerId_, 10)).claimed);
  }
  void reportAll() {
    SyncRequest request = syncOf(runnerId_, 0);
    for (const ClaimedRun& run : claimed_) {
      request.progress.push_back({run.owned, 10, "note"});
      request.output.push_back(chunkOf(run, 0, "text"));
    }
    store().runners.sync(request);
  }
  void finishOne(std::size_t index, RunStatus status) {
    RunEnd end = endOf(claimed_.at(index), status);
    end.hadLiveOutput = true;
    SyncRequest request = syncOf(runnerId_, 0);
    request.ends.push_back(end);
    store().runners.sync(request);
  }
  void releaseOne(std::size_t index) {
    SyncRequest request = syncOf(runnerId_, 0);
    request.releases.push_back({claimed_.at(index).owned, 0});
    store().runners.sync(request);
  }

  int runnerId_ = 0;
  std::vector<ClaimedRun> claimed_;
};
INSTANTIATE_TEST_SUITE_P(MariaDb, DatabaseErrors, ::testing::Values(StoreKind::MariaDb), nameOf);

TEST_P(DatabaseErrors, DeadlocksAndLockWaitsAreSeenByNobody) {
  int heard = 0;
  for (const unsigned error : {1213U, 1205U, 1020U, 1467U}) {
    SCOPED_TRACE(error);
    heard += sufferAll(error, Moment::Before, /*mayComeThrough=*/false);
    if (error != 1213U) continue;
    expectTheRightEnd();
  }
  std::cout << heard << " errors were heard, none came through" << std::endl;
  EXPECT_GT(heard, 200);
}

TEST_P(DatabaseErrors, AfterALostConnectionTheOperationCanBeAskedAgain) {
  std::cout << sufferAll(2013, Moment::Before, /*mayComeThrough=*/true) << " statements were not sent"
            << std::endl;
  expectTheRightEnd();
}

TEST_P(DatabaseErrors, AfterALostAnswerTheOperationCanBeAskedAgain) {
  std::cout << sufferAll(2013, Moment::After, /*mayComeThrough=*/true) << " answers were lost" << std::endl;
  expectTheRightEnd();
}

}  // namespace
}  // namespace taskqueue::contract
