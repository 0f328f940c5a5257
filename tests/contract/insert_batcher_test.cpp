// Tasks that several threads enqueue at the same time are inserted in one batch, and each thread gets its own
// answer.
#include "module/store/tasks/insert_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <set>
#include <thread>

#include "module/platform/random.h"
#include "module/queue/store_error.h"
#include "module/store/maria_store.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::contract {
namespace {

using namespace std::chrono_literals;
using store::InsertBatcher;
using store::MariaStore;
using ::testing::IsEmpty;

constexpr const char* kInsertBatcherDatabase = "insert_batcher";
constexpr int kThreads = 8;

NewTask taskOf(const std::string& title) {
  return {.taskHandlerClass = "Echo", .taskData = R"({"of":")" + title + "\"}", .title = title};
}

class InsertBatcherTest : public ::testing::Test {
 protected:
  InsertBatcherTest() {
    test_support::sharedServer().createDatabase(kInsertBatcherDatabase);
    test_support::migrate(kInsertBatcherDatabase);
    test_support::emptyTables(eye_);
  }
  void TearDown() override { EXPECT_THAT(test_support::checkInvariants(eye_), IsEmpty()); }

  // Runs each body on its own thread and connection, all starting at once.
  template <typename Body>
  void allAtOnce(Body body) {
    std::barrier start(kThreads);
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        MariaStore mine(
            test_support::settingsFor(kInsertBatcherDatabase), test_support::cmsNames(),
            [] { return platform::randomHex(16); }, [] { return 0.0; });
        mine.tasks.batchInserts(inserts_);
        mine.clock.now();  // connected
        start.arrive_and_wait();
        body(mine, i);
      });
    }
  }

  std::int64_t number(const std::string& query) { return eye_.queryText(query).at(0).integer(); }

  InsertBatcher inserts_;
  store::Connection eye_{test_support::settingsFor(kInsertBatcherDatabase), test_support::cmsNames()};
};

TEST_F(InsertBatcherTest, EachIsAnsweredWithTheIdOfItsOwnTask) {
  constexpr int kEach = 100;
  std::mutex mutex;
  std::set<int> ids;
  allAtOnce([&](MariaStore& mine, int thread) {
    for (int i = 0; i < kEach; ++i) {
      const std::string title = std::to_string(thread) + "/" + std::to_string(i);
      const auto outcome = mine.tasks.insertTasks(std::vector{taskOf(title)}, std::nullopt);
      ASSERT_EQ(outcome.tasks.size(), 1U);
      EXPECT_TRUE(outcome.tasks.front().created);
      EXPECT_EQ(mine.tasks.findTask(outcome.tasks.front().id).value().title, title);
      const std::lock_guard lock(mutex);
      ids.insert(outcome.tasks.front().id);
    }
  });
  EXPECT_EQ(ids.size(), std::size_t{kThreads * kEach});
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_TaskQueue"), kThreads * kEach);
}

TEST_F(InsertBatcherTest, OneThatTheDatabaseRefusesFailsAlone) {
  constexpr int kEach = 50;
  std::atomic<int> refused = 0;
  allAtOnce([&](MariaStore& mine, int thread) {
    for (int i = 0; i < kEach; ++i) {
      const bool isBad = thread == 0;
      try {
        NewTask task = taskOf(isBad ? "bad" : "good");
        if (isBad) task.priority = 1'000'000;  // beyond the column
        mine.tasks.insertTasks(std::vector{task}, std::nullopt);
        EXPECT_FALSE(isBad);
      } catch (const StoreError& error) {
        EXPECT_EQ(error.kind(), StoreError::Kind::Broken);
        EXPECT_TRUE(isBad) << error.what();
        ++refused;
      }
    }
  });
  EXPECT_EQ(refused, kEach);
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_TaskQueue WHERE Title = 'good'"), (kThreads - 1) * kEach);
}

TEST_F(InsertBatcherTest, WhoeverIsNamedInTheAuditIsNamedForItsOwnTasksAlone) {
  constexpr int kEach = 30;
  allAtOnce([&](MariaStore& mine, int thread) {
    const bool byPages = thread % 2 == 0;
    mine.audit.actAs({byPages ? "ann" : "token", byPages ? "pages" : "api"});
    for (int i = 0; i < kEach; ++i) {
      mine.tasks.insertTasks(std::vector{taskOf(byPages ? "of ann" : "of nobody")}, std::nullopt);
    }
  });
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_TaskQueue"), kThreads * kEach);
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_TaskQueueAudit a JOIN inp_TaskQueue t ON t.Id = a.TaskQueueId "
                   "WHERE a.Action = 'enqueue' AND t.Title = 'of ann'"),
            kThreads / 2 * kEach);
  EXPECT_EQ(number("SELECT COUNT(*) FROM inp_TaskQueueAudit a JOIN inp_TaskQueue t ON t.Id = a.TaskQueueId "
                   "WHERE a.Action = 'enqueue' AND t.Title <> 'of ann'"),
            0);
}

// While the first insert is blocked, the others form a batch behind it.
class GroupBehindOthers : public ::testing::Test {
 protected:
  // Returns the sizes of the batches that formed, when every insert of more than one task calls `inGroup`.
  std::vector<std::size_t> gather(const std::function<void()>& inGroup) {
    std::mutex mutex;
    std::vector<std::size_t> sizes;
    std::atomic<int> came = 0;
    std::atomic<int> held = 0;
    const InsertBatcher::Insert insert = [&](std::span<const NewTask> tasks) {
      {
        const std::lock_guard lock(mutex);
        sizes.push_back(tasks.size());
      }
      if (held++ < InsertBatcher::kWriters) {
        EXPECT_TRUE(test_support::eventually([&] { return came == kThreads; }, 10s));
        std::this_thread::sleep_for(50ms);  // gives the other threads time to start waiting
      }
      if (tasks.size() > 1) inGroup();
      InsertOutcome outcome;
      for (const NewTask& task : tasks) outcome.tasks.push_back({std::stoi(task.title)});
      return outcome;
    };
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        ++came;
        try {
          EXPECT_EQ(inserts_.insert(taskOf(std::to_string(i)), insert).tasks.at(0).id, i);
          ++done_;
        } catch (const StoreError&) {
          ++failed_;
        }
      });
    }
    threads.clear();
    return sizes;
  }

  InsertBatcher inserts_;
  std::atomic<int> done_ = 0;
  std::atomic<int> failed_ = 0;
};

TEST_F(GroupBehindOthers, IsAnsweredOneByOne) {
  const auto sizes = gather([] {});
  EXPECT_EQ(done_, kThreads);
  EXPECT_EQ(sizes.front(), 1U);
  EXPECT_LT(sizes.size(), std::size_t{kThreads});
}

TEST_F(GroupBehindOthers, FailsAsAWholeWhenTheDatabaseCannotBeUsed) {
  const auto sizes = gather([] { throw StoreError(StoreError::Kind::Unavailable, "away"); });
  EXPECT_LT(sizes.size(), std::size_t{kThreads});  // no thread has repeated its insert alone
  EXPECT_GE(failed_, 2);
  EXPECT_EQ(done_ + failed_, kThreads);
}

TEST_F(GroupBehindOthers, IsInsertedOneByOneWhenTheDatabaseRefusesIt) {
  gather([] { throw StoreError(StoreError::Kind::Broken, "refused"); });
  EXPECT_EQ(done_, kThreads);
}

}  // namespace
}  // namespace taskqueue::contract
