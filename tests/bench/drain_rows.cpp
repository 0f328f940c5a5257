#include "tests/bench/bare_protocol.h"
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
  for (const int runners : {1, 2, 4}) {
    Figure figure{.row = "drain " + std::to_string(sizes.drainTasks) + " no-op tasks, " +
                         std::to_string(runners) + " runner" + (runners > 1 ? "s" : ""),
                  .unit = "tasks/s",
                  .baselineName = "bare protocol"};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.stopRunners();
      figure.baseline.push_back(drainBareOnce(stack, sizes.drainTasks, runners));
      stack.startRunners(runners);
      figure.ours.push_back(stack.drain(sizes.drainTasks, "Noop"));
    }
    table.add(std::move(figure));
  }
}

}  // namespace taskqueue::bench
