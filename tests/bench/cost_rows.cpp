#include <stdexcept>
#include <thread>

#include "tests/bench/bare_protocol.h"
#include "tests/bench/process_figures.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kBatchOfCost = 500;     // the largest prefetch of a runner
constexpr std::int64_t kPurged = 20;  // transactions that an idle server may leave unpurged
constexpr auto kPurgeLimit = 120s;
constexpr auto kDrainLimitOfCost = 1200s;

// Waits until the server has removed old versions of rows.
void waitForPurge(Stack& stack) {
  const auto deadline = Clock::now() + kPurgeLimit;
  while (true) {
    auto row = stack.eye().queryText("SHOW GLOBAL STATUS LIKE 'Innodb_history_list_length'").at(0);
    row.text();
    if (row.integer() <= kPurged) return;
    if (Clock::now() > deadline) throw std::runtime_error("the server does not purge old versions of rows");
    std::this_thread::sleep_for(50ms);
  }
}

// Returns the server's CPU seconds without those of this program's own connection.
double serverSeconds(Stack& stack) {
  const auto thread =
      stack.eye()
          .queryText("SELECT TID FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()")
          .at(0)
          .integer();
  return processSeconds(stack.server()) - threadSeconds(stack.server(), static_cast<pid_t>(thread));
}

// Returns the microseconds of the server's CPU for each task that `work` drains.
template <typename Work>
double costOf(Stack& stack, int tasks, Work work) {
  waitForPurge(stack);
  const double before = serverSeconds(stack);
  work();
  waitForPurge(stack);
  return 1e6 * (serverSeconds(stack) - before) / tasks;
}

double costOfBare(Stack& stack, int tasks, int connections) {
  stack.empty();
  stack.fill(tasks, "Noop");
  return costOf(stack, tasks, [&] { drainBare(stack.bare(), connections, kBatchOfCost); });
}

double costOfOurs(Stack& stack, int tasks) {
  stack.fillPaused(tasks, "Noop");
  return costOf(stack, tasks, [&] {
    stack.resume();
    stack.waitUntilDone(kDrainLimitOfCost);
  });
}

// Claims and ends all tasks in batches as large as a runner's, from this program. So the figure depends on no
// pace of workers.
void drainBySyncs(Stack& stack) {
  RunnerStore& store = stack.store().runners;
  const std::vector<HandlerDeclaration> handlers{{.taskHandlerClass = "Noop", .kind = "cpp"}};
  SyncRequest request;
  request.taskRunnerId = store.registerRunner({.queues = {"default"}}, handlers);
  request.claimLimit = kBatchOfCost;
  request.queues = {"default"};
  request.handlers = {"Noop"};
  do {
    const SyncResult result = store.sync(request);
    request.ends.clear();
    for (const ClaimedRun& run : result.claimed) {
      RunEnd end;
      end.owned = run.owned;
      end.percentsCompleted = 100;
      end.runMs = 0;
      end.use = {.userCpuMs = 0, .systemCpuMs = 0, .maxRssKb = 14'000};
      request.ends.push_back(std::move(end));
    }
  } while (!request.ends.empty());
  store.endRunner(request.taskRunnerId);
}

double costOfSyncs(Stack& stack, int tasks) {
  stack.fillPaused(tasks, "Noop");
  return costOf(stack, tasks, [&] {
    stack.resume();
    drainBySyncs(stack);
  });
}

void addSyncRow(Stack& stack, const Sizes& sizes, Table& table) {
  Figure figure{.row = "server CPU of a no-op task in syncs of " + std::to_string(kBatchOfCost),
                .unit = "us",
                .baselineName = "bare protocol",
                .better = Better::Lower};
  for (int i = 0; i < sizes.repetitions; ++i) {
    figure.baseline.push_back(costOfBare(stack, sizes.drainTasks, 1));
    figure.ours.push_back(costOfSyncs(stack, sizes.drainTasks));
  }
  table.add(std::move(figure));
}

}  // namespace

void addCostRows(Stack& stack, const Sizes& sizes, Table& table) {
  addSyncRow(stack, sizes, table);
  for (const int runners : {1, 2}) {
    Figure figure{.row = "server CPU of a no-op task, " + std::to_string(runners) + " runner" +
                         (runners > 1 ? "s" : ""),
                  .unit = "us",
                  .baselineName = "bare protocol",
                  .better = Better::Lower};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.stopRunners();
      figure.baseline.push_back(costOfBare(stack, sizes.drainTasks, runners));
      stack.startRunners(runners);
      figure.ours.push_back(costOfOurs(stack, sizes.drainTasks));
    }
    table.add(std::move(figure));
  }
}

}  // namespace taskqueue::bench
