// A large number of distinct values of one kind must not slow a runner's claims, heartbeats or rest.
// TASKQUEUE_CROWD sets the number. The default suits every submission; use 100,000 by hand.
#include <gtest/gtest.h>

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <thread>

#include "module/platform/random.h"
#include "module/store/maria_store.h"
#include "runner/database_thread.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"

namespace taskqueue::contract {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr const char* kDatabase = "crowd";
constexpr int kDefaultCrowd = 2000;
constexpr auto kMaxForAClaim = 1s;           // on an idle machine
constexpr auto kMaxBetweenHeartbeats = 20s;  // a third of the lease
constexpr auto kMaxUntilAtRest = 60s;

std::int64_t msOf(Clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// One statement inserts or deletes a whole crowd, so its limits are long.
store::ConnectionSettings patientSettings() {
  auto settings = test_support::settingsFor(kDatabase);
  settings.statementLimit = 600s;
  settings.lockWait = 600s;
  return settings;
}

// Records the longest pause between heartbeats.
class BeatNotingRunners : public store::MariaRunners {
 public:
  using MariaRunners::MariaRunners;

  HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) override {
    HeartbeatResult result = MariaRunners::heartbeat(taskRunnerId, condition);
    const auto now = Clock::now();
    if (now - last.load() > longest.load()) longest = now - last.load();
    last = now;
    return result;
  }

  std::atomic<Clock::time_point> last = Clock::now();
  std::atomic<Clock::duration> longest = Clock::duration(0);
};

class Crowd : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    test_support::sharedServer().createDatabase(kDatabase);
    test_support::migrate(kDatabase);
  }

  void SetUp() override {
    if (const char* text = std::getenv("TASKQUEUE_CROWD")) crowd_ = std::atoi(text);
    test_support::emptyTables(connection_);
    run("INSERT INTO inp_TaskQueueMarks (Name, MarkedOn) VALUES ('overseer', UNIX_TIMESTAMP() + 3600)");
  }

  void TearDown() override {
    if (!databaseThread_) return;
    loop_ = {};
    EXPECT_TRUE(databaseThread_->stop(60s));
  }

  void run(const std::string& statement) { connection_.queryText(statement); }
  std::string sequence() const { return "seq_1_to_" + std::to_string(crowd_); }
  // Inserts one row for each number of the sequence.
  void insertTasks(const std::string& columns, const std::string& values) {
    run("INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, QueuedOn" + columns + ") SELECT " + values +
        " FROM " + sequence());
  }

  void startRunner() {
    const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"}};
    NewRunner self;
    self.identity = currentProcessIdentity();
    self.queues = {"default"};
    self.slots = 4;
    runner::DatabaseThread::Settings settings;
    settings.taskRunnerId = runners_.registerRunner(self, handlers);
    settings.queues = {"default"};
    settings.handlers = {"Echo"};
    runner::DatabaseThread::Callbacks callbacks;
    callbacks.onClaimed = [this](const std::vector<ClaimedRun>& runs) { finish(runs); };
    callbacks.onCancelRequested = [](const std::vector<int>&) {};
    callbacks.onLost = [](const std::vector<int>&) { ADD_FAILURE() << "a run was lost"; };
    callbacks.onDrainRequested = [] {};
    callbacks.onLeaseLost = [](bool) { ADD_FAILURE() << "the lease was lost"; };
    callbacks.onBroken = [](const std::string& problem) { ADD_FAILURE() << problem; };
    databaseThread_ = std::make_unique<runner::DatabaseThread>(runners_, queue_, settings, callbacks);
    databaseThread_->addFreeSlots(4);
    runners_.last = Clock::now();
    databaseThread_->start();
    loop_ = std::jthread([this](const std::stop_token& over) {
      for (; !over.stop_requested(); std::this_thread::sleep_for(100ms)) databaseThread_->loopTurned();
    });
  }

  void finish(const std::vector<ClaimedRun>& runs) {
    for (const ClaimedRun& run : runs) {
      if (run.task.title == "one of us") claimed_ = true;
      RunEnd end;
      end.owned = run.owned;
      end.status = RunStatus::Success;
      end.percentsCompleted = 100;
      databaseThread_->finish(std::move(end));
    }
    databaseThread_->addFreeSlots(static_cast<int>(runs.size()));
  }

  // Checks that a new task is claimed in time and that the heartbeats meanwhile are in time. Returns the
  // wait.
  Clock::duration expectClaimed(const std::string& when, int priority = 0) {
    claimed_ = false;
    runners_.longest = Clock::duration(0);
    const auto start = Clock::now();
    run("INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, QueuedOn, Title, Priority) VALUES ('Echo', "
        "'{}', UNIX_TIMESTAMP(), 'one of us', " +
        std::to_string(priority) + ")");
    EXPECT_TRUE(test_support::eventually([&] { return claimed_.load(); }, kMaxForAClaim)) << when;
    const auto took = Clock::now() - start;
    std::cout << when << ": claimed after " << msOf(took) << " ms" << std::endl;
    return took;
  }

  // Checks the longest pause between heartbeats in this time, including the pause that is not over.
  void expectHeartbeats(Clock::duration time) {
    const auto end = Clock::now() + time;
    while (Clock::now() < end) std::this_thread::sleep_for(50ms);
    const auto longest =
        std::max<Clock::duration>(runners_.longest.load(), Clock::now() - runners_.last.load());
    std::cout << "heartbeats at most " << msOf(longest) << " ms apart" << std::endl;
    EXPECT_LT(longest, kMaxBetweenHeartbeats);
  }

  // Returns the CPU use of the server and this process while nothing happens, in percent of one core.
  double restingShare() {
    const auto ticks = [] { return ticksOf(::getpid()) + ticksOf(test_support::sharedServer().processId()); };
    const auto before = ticks();
    const auto start = Clock::now();
    std::this_thread::sleep_for(2s);
    const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return 100.0 * static_cast<double>(ticks() - before) / static_cast<double>(::sysconf(_SC_CLK_TCK)) /
           seconds;
  }
  static std::int64_t ticksOf(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string word;
    for (int i = 0; i < 11; ++i) fields >> word;  // skips the fields before utime
    std::int64_t user = 0;
    std::int64_t system = 0;
    fields >> user >> system;
    return user + system;
  }
  void expectRest(double before) {
    const auto start = Clock::now();
    double now = 0;
    do {
      now = restingShare();
    } while (now > before + 3 && Clock::now() - start < kMaxUntilAtRest);
    std::cout << "at rest after " << msOf(Clock::now() - start) << " ms: " << now << " % of a core, "
              << before << " before" << std::endl;
    EXPECT_LE(now, before + 3);
  }

  // Checks a runner at rest, a claim and heartbeats during the crowd, and the rest after the crowd's end.
  void live(const std::function<void()>& come, const std::function<void()>& go, bool isInTheWay = true) {
    startRunner();
    expectClaimed("before");
    std::this_thread::sleep_for(1s);
    const double before = restingShare();
    come();
    expectClaimed("first in line");
    if (isInTheWay) expectClaimed("behind them", 5);
    expectHeartbeats(4s);
    go();
    expectRest(before);
    expectClaimed("afterwards");
  }
  void emptyCrowd() { run("DELETE FROM inp_TaskQueue WHERE Title <> 'one of us'"); }

  int crowd_ = kDefaultCrowd;
  store::Connection connection_{patientSettings(), test_support::cmsNames()};
  store::MariaStore store_{test_support::settingsFor(kDatabase), test_support::cmsNames(),
                           [] { return platform::randomHex(16); }, [] { return 0.5; }};
  BeatNotingRunners runners_{store_.context(), store::ClaimCursor::kSettling};
  LeaseWatch leaseWatch_{60s};
  TaskQueue queue_{store_.roles(), {}, RescuePolicy{}, leaseWatch_};
  std::atomic<bool> claimed_ = false;
  std::unique_ptr<runner::DatabaseThread> databaseThread_;
  std::jthread loop_;  // stands for the runner's
};

TEST_F(Crowd, OfPrioritiesThatAreNotDue) {
  live(
      [this] {
        insertTasks(
            ", Priority, NextRunOn, ScheduledOn",
            "'Echo', '{}', UNIX_TIMESTAMP(), CAST(seq AS SIGNED) % 65000 - 32500, UNIX_TIMESTAMP() + 86400, "
            "UNIX_TIMESTAMP() + 86400");
      },
      [this] { emptyCrowd(); });
}

TEST_F(Crowd, OfPrioritiesThatAreDue) {
  live(
      [this] {
        insertTasks(", Priority", "'Nowhere', '{}', UNIX_TIMESTAMP(), CAST(seq AS SIGNED) % 65000 - 32500");
      },
      [this] { emptyCrowd(); });
}

TEST_F(Crowd, OfQueues) {
  live([this] { insertTasks(", Queue", "'Echo', '{}', UNIX_TIMESTAMP(), CONCAT('q', seq)"); },
       [this] { emptyCrowd(); });
}

TEST_F(Crowd, OfHandlers) {
  live([this] { insertTasks("", "CONCAT('Handler', seq), '{}', UNIX_TIMESTAMP()"); },
       [this] { emptyCrowd(); });
}

TEST_F(Crowd, OfHandlersThatAnotherRunnerOffers) {
  live(
      [this] {
        run("INSERT INTO inp_TaskRunners (Id, ProcessId, Status, HostName, BootId, Queues, LastHeartbeatOn, "
            "StartedOn) "
            "VALUES (1000000, 1, 'running', 'elsewhere', 'elsewhere', 'other', UNIX_TIMESTAMP(), "
            "UNIX_TIMESTAMP())");
        run("INSERT INTO inp_TaskHandlers (TaskRunnerId, TaskHandlerClass) SELECT 1000000, CONCAT('Handler', "
            "seq) "
            "FROM " +
            sequence());
        insertTasks("", "CONCAT('Handler', seq), '{}', UNIX_TIMESTAMP()");
      },
      [this] {
        emptyCrowd();
        run("DELETE FROM inp_TaskHandlers WHERE TaskRunnerId = 1000000");
        run("DELETE FROM inp_TaskRunners WHERE Id = 1000000");
      });
}

TEST_F(Crowd, OfConcurrencyKeys) {
  run("INSERT INTO inp_TaskQueueLimits (TaskHandlerClass, MaxRunning, MaxRunningPerKey) VALUES ('Echo', 0, "
      "1)");
  live([this] { insertTasks(", ConcurrencyKey", "'Echo', '{}', UNIX_TIMESTAMP(), CONCAT('key', seq)"); },
       [this] { emptyCrowd(); }, /*isInTheWay=*/false);  // the tasks run, four at a time
}

TEST_F(Crowd, OfParkedReasons) {
  run("INSERT INTO inp_TaskQueueLimits (TaskHandlerClass, MaxRunning, MaxRunningPerKey) VALUES ('Echo', 8, "
      "8)");
  live(
      [this] {
        insertTasks(
            ", NextRunOn, ParkedReason, ConcurrencyKey",
            "'Echo', '{}', UNIX_TIMESTAMP(), NULL, CONCAT('as many tasks are running as may of its key: "
            "key', seq), CONCAT('key', seq)");
      },
      [this] { emptyCrowd(); });
}

TEST_F(Crowd, OfPauses) {
  live(
      [this] {
        run("INSERT INTO inp_TaskQueuePauses (Kind, Name) SELECT IF(seq % 2, 'queue', 'handler'), "
            "CONCAT('name', seq) FROM " +
            sequence());
      },
      [this] { run("DELETE FROM inp_TaskQueuePauses"); });
}

TEST_F(Crowd, OfLimits) {
  live(
      [this] {
        run("INSERT INTO inp_TaskQueueLimits (TaskHandlerClass, MaxRunning) SELECT CONCAT('Handler', seq), 1 "
            "FROM " +
            sequence());
      },
      [this] { run("DELETE FROM inp_TaskQueueLimits"); });
}

TEST_F(Crowd, OfSchedulesOfWhichTheRunnerTakesCare) {
  run("DELETE FROM inp_TaskQueueMarks");
  live(
      [this] {
        run("INSERT INTO inp_TaskSchedules (Name, TaskHandlerClass, TaskData, CronExpression, NextFireOn) "
            "SELECT "
            "CONCAT('schedule', seq), 'Nowhere', '{}', '0 0 1 1 *', 1 FROM " +
            sequence());
        std::this_thread::sleep_for(11s);  // until the runner checks again whether the overseer is silent
      },
      [this] {
        run("DELETE FROM inp_TaskSchedules");
        emptyCrowd();
      });
}

}  // namespace
}  // namespace taskqueue::contract
