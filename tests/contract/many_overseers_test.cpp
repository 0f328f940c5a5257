// Fifty overseers at once, and overseers killed in the middle of a pass: each instant creates one task.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <latch>
#include <set>
#include <thread>

#include "module/platform/random.h"
#include "module/queue/schedule/fire.h"
#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::contract {
namespace {

using store::MariaStore;
using ::testing::IsEmpty;

constexpr const char* kManyOverseersDatabase = "many_overseers";
constexpr int kOverseers = 50;
constexpr int kSchedules = 20;
constexpr int kInstants = 10;
constexpr UnixSeconds kManyOverseersStart = 1'700'000'000 / 60 * 60;

std::unique_ptr<MariaStore> connect() {
  return std::make_unique<MariaStore>(
      test_support::settingsFor(kManyOverseersDatabase), test_support::cmsNames(),
      [] { return platform::randomHex(16); }, [] { return 0.5; });
}

class ManyOverseers : public ::testing::Test {
 protected:
  ManyOverseers() {
    test_support::sharedServer().createDatabase(kManyOverseersDatabase);
    test_support::migrate(kManyOverseersDatabase);
    store_ = connect();
  }
  void TearDown() override { EXPECT_THAT(test_support::checkInvariants(store_->connection()), IsEmpty()); }

  void addSchedules(Overlap overlap) {
    for (int i = 0; i < kSchedules; ++i) {
      ScheduleDefinition definition;
      definition.name = std::to_string(i);
      definition.taskHandlerClass = "Echo";
      definition.cronExpression = "* * * * *";
      definition.overlap = overlap;
      ASSERT_TRUE(store_->schedules.addSchedule(definition, kManyOverseersStart + 60, 0));
    }
  }
  // Overseer passes over all instants; all overseers share one clock.
  static void work(const Stores& store) {
    for (int i = 1; i <= kInstants; ++i) fireDueSchedules(store, {}, kManyOverseersStart + 60 * i);
  }
  std::int64_t count(const std::string& what) {
    auto& connection = store_->connection();
    return connection.queryText(connection.names().expand("SELECT COUNT(*) FROM " + what)).at(0).integer();
  }

  // Three schedules have missed four instants each, by the database's clock.
  void addDueSchedules() {
    const UnixSeconds lastYear = store_->clock.now() - 360 * 86400;
    for (int i = 0; i < 3; ++i) {
      ScheduleDefinition definition;
      definition.name = std::to_string(i);
      definition.taskHandlerClass = "Echo";
      definition.cronExpression = "0 0 1 */3 *";
      definition.missed = Missed::All;
      definition.overlap = Overlap::Queue;
      const auto times = std::get<FiringTimes>(parseFiringTimes(definition));
      ASSERT_TRUE(store_->schedules.addSchedule(definition, times.after(lastYear), 0));
    }
    dueInstants_ =
        planFirings(store_->schedules.findSchedules(1).at(0), store_->clock.now(), {}, {}).tasks.size();
    ASSERT_GE(dueInstants_, 3U);
  }
  void expectEachDueInstantOnce() {
    const auto expected = static_cast<std::int64_t>(3 * dueInstants_);
    EXPECT_EQ(count("{TaskQueue}"), expected);
    EXPECT_EQ(count("{TaskScheduleFirings}"), expected);
    EXPECT_EQ(count("{TaskScheduleFirings} f JOIN {TaskQueue} t ON t.Id = f.TaskQueueId AND t.ScheduledOn = "
                    "f.FireOn WHERE f.Outcome = 'fired'"),
              expected);
  }

  std::unique_ptr<MariaStore> store_;
  std::size_t dueInstants_ = 0;
};

// Runs `taskqueue event task-queue:OnProcess` as a crontab does.
class OverseerProgram {
 public:
  OverseerProgram() {
    std::string made = (std::filesystem::temp_directory_path() / "taskqueue-overseer-XXXXXX").string();
    if (::mkdtemp(made.data()) == nullptr) throw std::runtime_error("no temporary directory");
    directory_ = made;
    std::ofstream(directory_ / "taskqueue.ini")
        << "[database]\noption_file=" << test_support::sharedServer().optionFile()
        << "\nname=" << kManyOverseersDatabase << "\n[runner]\nrun_directory=" << directory_.string() << "\n";
  }
  ~OverseerProgram() { std::filesystem::remove_all(directory_); }
  OverseerProgram(const OverseerProgram&) = delete;
  OverseerProgram& operator=(const OverseerProgram&) = delete;

  // Returns the signal that ended it, or its exit status.
  int run(const std::vector<std::string>& environment) {
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("no process");
    if (child == 0) {
      for (const std::string& entry : environment) ::putenv(const_cast<char*>(entry.c_str()));
      const int nowhere = ::open("/dev/null", O_WRONLY);
      ::dup2(nowhere, STDOUT_FILENO);
      ::execl(TASKQUEUE_PROGRAM, TASKQUEUE_PROGRAM, "--config", (directory_ / "taskqueue.ini").c_str(),
              "event", "task-queue:OnProcess", nullptr);
      ::_exit(127);
    }
    int status = 0;
    if (::waitpid(child, &status, 0) != child) throw std::runtime_error("the process is lost");
    return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
  }
  // Returns all failpoints that a pass reaches, as "SITE before" or "SITE after".
  std::set<std::string> momentsOfAPass() {
    const std::string path = (directory_ / "moments").string();
    if (run({"TASKQUEUE_FAILPOINT_LOG=" + path}) != 0) throw std::runtime_error("the pass failed");
    std::ifstream in(path);
    std::set<std::string> moments;
    for (std::string line; std::getline(in, line);) moments.insert(line);
    return moments;
  }

 private:
  std::filesystem::path directory_;
};

TEST_F(ManyOverseers, FiftyAtOnceMakeOneTaskOfEachInstant) {
  addSchedules(Overlap::Queue);
  std::latch together(kOverseers);
  std::vector<std::thread> threads;
  for (int i = 0; i < kOverseers; ++i) {
    threads.emplace_back([&] {
      const auto mine = connect();
      mine->clock.now();  // connected
      // All overseers see the same instant at the same time, one instant after the other.
      together.arrive_and_wait();
      work(mine->roles());
    });
  }
  for (std::thread& thread : threads) thread.join();
  // Fast overseers made others see a later instant first; the skipped firings are still due.
  work(store_->roles());
  EXPECT_EQ(
      count("{TaskScheduleFirings} WHERE Outcome = 'fired' GROUP BY TaskScheduleId, FireOn HAVING COUNT(*) "
            "> 1 UNION ALL SELECT 0 LIMIT 1"),
      0);
  const auto fired = count("{TaskScheduleFirings} WHERE Outcome = 'fired'");
  EXPECT_EQ(count("{TaskQueue}"), fired) << "no task without its firing";
  EXPECT_EQ(
      count("{TaskSchedules} WHERE LastFiredOn = " + std::to_string(kManyOverseersStart + 60 * kInstants)),
      kSchedules);
}

TEST_F(ManyOverseers, FiftyAtOneInstantMakeOneTaskEachWhateverTheOverlap) {
  for (const Overlap overlap : {Overlap::Skip, Overlap::Queue, Overlap::Replace}) {
    test_support::emptyTables(store_->connection());
    addSchedules(overlap);
    std::latch together(kOverseers);
    std::vector<std::thread> threads;
    for (int i = 0; i < kOverseers; ++i) {
      threads.emplace_back([&] {
        const auto mine = connect();
        mine->clock.now();
        together.arrive_and_wait();
        fireDueSchedules(mine->roles(), {}, kManyOverseersStart + 60);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(count("{TaskQueue}"), kSchedules) << toString(overlap);
    EXPECT_EQ(count("{TaskScheduleFirings} WHERE Outcome = 'fired'"), kSchedules) << toString(overlap);
  }
}

// Real processes are killed before or after each statement of a pass; the next one continues.
TEST_F(ManyOverseers, AnOverseerKilledInTheMiddleOfItsPassLosesAndRepeatsNothing) {
  OverseerProgram overseer;
  const auto prepare = [&] {
    test_support::emptyTables(store_->connection());
    addDueSchedules();
  };
  prepare();
  const std::set<std::string> moments = overseer.momentsOfAPass();
  expectEachDueInstantOnce();
  EXPECT_TRUE(moments.contains("commit after") && moments.contains("record-firing before")) << moments.size();
  int kills = 0;
  for (const std::string& moment : moments) {
    for (const char* pass : {" 1 crash", " 3 crash"}) {
      prepare();
      if (overseer.run({"TASKQUEUE_FAILPOINT=" + moment + pass}) == SIGKILL) ++kills;
      EXPECT_EQ(overseer.run({}), 0) << moment << pass;
      expectEachDueInstantOnce();
    }
  }
  std::cout << kills << " kills\n";
  EXPECT_GT(kills, 30);
}

}  // namespace
}  // namespace taskqueue::contract
