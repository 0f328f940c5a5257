// Several connections at once, and a crashing server: behaviour that only the real database shows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "module/platform/random.h"
#include "module/store/maria_store.h"
#include "module/store/migration.h"
#include "tests/support/database_environment.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::contract {
namespace {

using store::MariaStore;
using ::testing::IsEmpty;

constexpr const char* kManyClientsDatabase = "many_clients";
constexpr int kClients = 4;

std::unique_ptr<MariaStore> connect(const store::ConnectionSettings& settings) {
  return std::make_unique<MariaStore>(
      settings, test_support::cmsNames(), [] { return platform::randomHex(16); }, [] { return 0.0; });
}

class ManyClients : public ::testing::Test {
 protected:
  ManyClients() {
    test_support::sharedServer().createDatabase(kManyClientsDatabase);
    test_support::migrate(kManyClientsDatabase);
  }
  void TearDown() override {
    store::Connection connection(test_support::settingsFor(kManyClientsDatabase), test_support::cmsNames());
    EXPECT_THAT(test_support::checkInvariants(connection), IsEmpty());
  }

  template <typename Body>
  void allAtOnce(Body body) {
    std::vector<std::thread> threads;
    for (int i = 0; i < kClients; ++i) {
      threads.emplace_back([&, i] {
        const auto mine = connect(test_support::settingsFor(kManyClientsDatabase));
        body(*mine, i);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  static int addRunner(const Stores& store, int number) {
    NewRunner runner;
    runner.identity.processId = number + 1;
    const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Echo", .kind = "cpp"}};
    return store.runners.registerRunner(runner, handlers);
  }
  static SyncRequest claimOf(int runnerId, int limit) {
    return {.taskRunnerId = runnerId, .claimLimit = limit, .queues = {"default"}, .handlers = {"Echo"}};
  }
  static void addTasks(const Stores& store, int count) {
    const std::vector<NewTask> tasks(static_cast<std::size_t>(count),
                                     {.taskHandlerClass = "Echo", .maxRetries = 9});
    store.tasks.insertTasks(tasks, std::nullopt);
  }
};

TEST_F(ManyClients, EveryTaskIsClaimedByExactlyOneRunner) {
  constexpr int kTasks = 400;
  addTasks(connect(test_support::settingsFor(kManyClientsDatabase))->roles(), kTasks);
  std::mutex mutex;
  std::multiset<int> claimed;
  std::atomic<int> lost{0};
  allAtOnce([&](MariaStore& mine, int number) {
    SyncRequest request = claimOf(addRunner(mine.roles(), number), 7);
    while (true) {
      const SyncResult result = mine.runners.sync(request);
      lost += static_cast<int>(result.lostRuns.size());
      request.ends.clear();
      for (const ClaimedRun& run : result.claimed) {
        request.ends.push_back({.owned = run.owned, .status = RunStatus::Success});
        const std::lock_guard lock(mutex);
        claimed.insert(run.owned.taskQueueId);
      }
      if (result.claimed.empty() && !result.secondsUntilDue) break;
    }
  });
  EXPECT_EQ(claimed.size(), static_cast<std::size_t>(kTasks));
  EXPECT_EQ(std::set<int>(claimed.begin(), claimed.end()).size(), claimed.size());
  EXPECT_EQ(lost, 0);
  const auto reader = connect(test_support::settingsFor(kManyClientsDatabase));
  EXPECT_EQ(reader->tasks.findTasks({.lastStatus = RunStatus::Success, .limit = 1000}).size(),
            claimed.size());
}

TEST_F(ManyClients, AKeyThatAllWantMakesOneTask) {
  std::atomic<int> created{0};
  std::mutex mutex;
  std::set<int> ids;
  allAtOnce([&](MariaStore& mine, int) {
    const NewTask task{.taskHandlerClass = "Echo", .uniqueKey = "k"};
    for (int i = 0; i < 20; ++i) {
      const AddedTask added = mine.tasks.insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0);
      if (added.created) ++created;
      const std::lock_guard lock(mutex);
      ids.insert(added.id);
    }
  });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(ids.size(), 1U);
}

TEST_F(ManyClients, ARequestThatAllSendMakesItsTasksOnce) {
  std::atomic<int> made{0};
  allAtOnce([&](MariaStore& mine, int) {
    const std::vector<NewTask> tasks(3, {.taskHandlerClass = "Echo"});
    const auto outcome =
        mine.tasks.insertTasks(tasks, IdempotencyKey{.key = "request", .requestHash = "hash"});
    EXPECT_EQ(outcome.tasks.size(), 3U);
    if (!outcome.replayed) ++made;
  });
  EXPECT_EQ(made, 1);
  EXPECT_EQ(connect(test_support::settingsFor(kManyClientsDatabase))->tasks.findTasks({}).size(), 3U);
}

// Runners are timed out repeatedly while they claim. No run may be left without a living owner, which the
// invariants check at the end.
TEST_F(ManyClients, RescueAndClaimDoNotMissEachOther) {
  addTasks(connect(test_support::settingsFor(kManyClientsDatabase))->roles(), 300);
  const RescuePolicy atOnce{.retry = {.delay = std::chrono::seconds(0), .jitter = 0},
                            .maxRunnerDeaths = 1000};
  std::atomic<bool> stop{false};
  std::thread overseer([&] {
    const auto mine = connect(test_support::settingsFor(kManyClientsDatabase));
    while (!stop) {
      for (const Runner& runner : mine->runners.findRunners(true, 100))
        mine->runners.timeOutRunner(runner.id, atOnce);
      for (const int id : mine->maintenance.findTasksMissingRun(5)) mine->maintenance.createRunIfAllowed(id);
    }
  });
  allAtOnce([&](MariaStore& mine, int number) {
    for (int life = 0; life < 15; ++life) {
      SyncRequest request = claimOf(addRunner(mine.roles(), number * 100 + life), 3);
      for (int i = 0; i < 4; ++i) {
        const SyncResult result = mine.runners.sync(request);
        request.ends.clear();
        for (const ClaimedRun& run : result.claimed) {
          request.ends.push_back(
              {.owned = run.owned, .status = i == 1 ? RunStatus::Error : RunStatus::Success});
        }
      }
    }
  });
  stop = true;
  overseer.join();
  const auto last = connect(test_support::settingsFor(kManyClientsDatabase));
  for (const Runner& runner : last->runners.findRunners(true, 1000))
    last->runners.timeOutRunner(runner.id, atOnce);
}

class ServerLoss : public ::testing::Test {
 protected:
  static constexpr const char* kLost = "server_loss";

  store::ConnectionSettings settings() { return {.optionFile = server_.optionFile(), .database = kLost}; }

  test_support::MariadbServer server_;
};

TEST_F(ServerLoss, WhatWasAcknowledgedSurvivesAKillAndTheStoreRecovers) {
  server_.createDatabase(kLost);
  store::Connection migrating(settings(), test_support::cmsNames());
  store::Migrator(migrating).apply([](const store::Migration&) {});
  const auto mine = connect(settings());
  const NewTask task{.taskHandlerClass = "Echo", .title = "acknowledged"};
  const int id = mine->tasks.insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0).id;

  server_.kill();
  for (int i = 0; i < 2; ++i) {
    try {
      mine->tasks.insertTasks(std::span(&task, 1), std::nullopt);
      FAIL() << "there is no server";
    } catch (const StoreError& error) {
      EXPECT_EQ(error.kind(), StoreError::Kind::Unavailable) << error.what();
    }
  }
  server_.start();
  EXPECT_EQ(mine->tasks.findTask(id).value().title, "acknowledged");
  EXPECT_EQ(mine->tasks.findTasks({}).size(), 1U) << "what failed was not written";
  EXPECT_GT(mine->tasks.insertTasks(std::span(&task, 1), std::nullopt).tasks.at(0).id, id);
}

TEST_F(ServerLoss, AConnectionThatTheServerClosedIsOpenedAgainUnseen) {
  server_.createDatabase(kLost);
  store::Connection migrating(settings(), test_support::cmsNames());
  store::Migrator(migrating).apply([](const store::Migration&) {});
  const auto mine = connect(settings());
  const auto closeIt = [&] {
    migrating.queryText("KILL " + mine->connection().queryText("SELECT CONNECTION_ID()").at(0).text());
  };
  closeIt();
  EXPECT_NO_THROW(mine->clock.now());
  closeIt();
  const NewTask task{.taskHandlerClass = "Echo"};
  EXPECT_NO_THROW(mine->tasks.insertTasks(std::span(&task, 1), std::nullopt));
}

}  // namespace
}  // namespace taskqueue::contract
