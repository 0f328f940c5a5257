// Connections of enqueuers and of a runner's real database thread are cut repeatedly at random bytes.
// Afterwards each acknowledged task has run exactly once.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <set>

#include "tests/chaos/instant_runner.h"
#include "tests/chaos/sizes.h"
#include "tests/support/cutting_proxy.h"
#include "tests/support/database_environment.h"
#include "tests/support/eventually.h"
#include "tests/support/invariant_checker.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr const char* kConnectionCutsDatabase = "cuts";
constexpr int kEnqueuers = 6;
constexpr int kConnectionCutsRunners = 4;
constexpr int kLongestBacklog = 2000;

// The answers to enqueuers, by the number that each put into TaskData.
class Acknowledgements {
 public:
  void acknowledged(int number, int id) {
    const std::lock_guard lock(mutex_);
    ids_[number] = id;
  }
  void unknown(int number) {
    const std::lock_guard lock(mutex_);
    unknown_.insert(number);
  }
  int countUnknown() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(unknown_.size());
  }
  std::map<int, int> ids() const { return ids_; }
  std::set<int> unknownNumbers() const { return unknown_; }

 private:
  std::mutex mutex_;
  std::map<int, int> ids_;
  std::set<int> unknown_;
};

// Enqueues tasks one by one until the proxy has made enough cuts. With an idempotency key a request is
// repeated until it is acknowledged. Without a key an error leaves its outcome unknown.
void enqueue(const store::ConnectionSettings& settings, bool withKey, const test_support::CuttingProxy& proxy,
             std::atomic<int>& lastNumber, const std::atomic<int>& executed, Acknowledgements& told) {
  auto store = connect(settings);
  while (proxy.cuts() < sizes().cuts) {
    // A long backlog proves nothing more. Tasks with unknown outcome were rarely inserted.
    const auto isShort = [&] {
      return lastNumber - executed - told.countUnknown() < kLongestBacklog || proxy.cuts() >= sizes().cuts;
    };
    ASSERT_TRUE(test_support::eventually(isShort, 60s)) << "nothing is executed any more";
    const int number = ++lastNumber;
    const std::vector<NewTask> tasks{
        {.taskHandlerClass = "Echo", .taskData = "{\"n\":" + std::to_string(number) + "}"}};
    std::optional<IdempotencyKey> key;
    if (withKey) key = {.key = "number " + std::to_string(number), .requestHash = "h"};
    while (true) {
      try {
        told.acknowledged(number, store->tasks.insertTasks(tasks, key).tasks.at(0).id);
        break;
      } catch (const StoreError& error) {
        ASSERT_NE(error.kind(), StoreError::Kind::Broken) << error.what();
        if (withKey) continue;
        told.unknown(number);
        break;
      }
    }
  }
}

TEST(ConnectionCuts, LoseNoAcknowledgedTaskAndRunNoneTwice) {
  test_support::sharedServer().createDatabase(kConnectionCutsDatabase);
  test_support::migrate(kConnectionCutsDatabase);
  const store::ConnectionSettings whole = test_support::settingsFor(kConnectionCutsDatabase);
  const std::string socket = test_support::sharedServer().socket();
  const std::string optionFile = socket + ".cut.cnf";
  std::ifstream original(whole.optionFile);
  std::ofstream changed(optionFile);
  for (std::string line; std::getline(original, line);) {
    changed << (line.starts_with("socket") ? "socket=" + socket + ".cut" : line) << "\n";
  }
  changed.close();
  store::ConnectionSettings cut = whole;
  cut.optionFile = optionFile;

  test_support::CuttingProxy proxy(socket + ".cut", socket, sizes().seed);
  Acknowledgements told;
  std::atomic<int> lastNumber = 0;
  std::atomic<int> executed = 0;
  std::list<InstantRunner> runners;
  for (int i = 0; i < kConnectionCutsRunners; ++i)
    runners.emplace_back(cut, whole, i, executed, InstantRunner::Losses::Forbidden);
  std::vector<std::thread> enqueuers;
  for (int i = 0; i < kEnqueuers; ++i) {
    enqueuers.emplace_back([&, i] { enqueue(cut, i % 2 == 0, proxy, lastNumber, executed, told); });
  }
  for (std::thread& enqueuer : enqueuers) enqueuer.join();
  proxy.stopCutting();

  store::Connection eye(whole, test_support::cmsNames());
  EXPECT_TRUE(test_support::eventually(
      [&] {
        return eye.queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE LastStatus <> 'success'")
                   .at(0)
                   .integer() == 0;
      },
      60s));
  for (InstantRunner& runner : runners) EXPECT_TRUE(runner.stop());

  std::map<int, std::vector<int>> rows;  // by number
  for (store::Row& row : eye.queryText("SELECT Id, JSON_VALUE(TaskData, '$.n') FROM inp_TaskQueue")) {
    const int id = row.number();
    rows[row.number()].push_back(id);
  }
  for (const auto& [number, id] : told.ids())
    EXPECT_EQ(rows[number], std::vector<int>{id}) << "number " << number;
  for (const int number : told.unknownNumbers()) EXPECT_LE(rows[number].size(), 1U) << "number " << number;
  std::map<int, int> executions;
  for (const InstantRunner& runner : runners) {
    for (const auto& [task, times] : runner.executions()) executions[task] += times;
  }
  for (const auto& [number, ids] : rows) {
    for (const int id : ids) EXPECT_EQ(executions[id], 1) << "task " << id;
  }
  EXPECT_EQ(eye.queryText("SELECT COUNT(*) FROM inp_TaskRuns").at(0).integer(),
            eye.queryText("SELECT COUNT(*) FROM inp_TaskQueue").at(0).integer());
  EXPECT_THAT(test_support::checkInvariants(eye), IsEmpty());
  std::cout << proxy.cuts() << " cuts, " << told.ids().size() << " tasks acknowledged, "
            << told.unknownNumbers().size() << " unknown, " << executions.size() << " executed; seed "
            << sizes().seed << std::endl;
}

}  // namespace
}  // namespace taskqueue::chaos
