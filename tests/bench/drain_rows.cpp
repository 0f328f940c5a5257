#include "tests/bench/bare_protocol.h"
#include "tests/bench/process_figures.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

constexpr int kDrainRowsBatch = 500;  // the largest prefetch of a runner

double drainBareOnce(Stack& stack, int tasks, int connections) {
  stack.empty();
  stack.fill(tasks, "Noop");
  return drainBare(stack.bare(), connections, kDrainRowsBatch);
}

}  // namespace

void addDrainRows(Stack& stack, const Sizes& sizes, Table& table) {
  Figure cost{.row = "runner and worker CPU of a no-op task", .unit = "us", .better = Better::Lower};
  for (const int runners : {1, 2, 4}) {
    Figure figure{.row = "drain " + std::to_string(sizes.drainTasks) + " no-op tasks, " +
                         std::to_string(runners) + " runner" + (runners > 1 ? "s" : ""),
                  .unit = "tasks/s",
                  .baselineName = "bare protocol"};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.stopRunners();
      figure.baseline.push_back(drainBareOnce(stack, sizes.drainTasks, runners));
      stack.startRunners(runners);
      const pid_t first = stack.runners().front()->id();
      const double before = treeSeconds(first);
      figure.ours.push_back(stack.drain(sizes.drainTasks, "Noop"));
      if (runners == 1) cost.ours.push_back(1e6 * (treeSeconds(first) - before) / sizes.drainTasks);
    }
    table.add(std::move(figure));
  }
  table.add(std::move(cost));
}

}  // namespace taskqueue::bench
