#include "tests/bench/bare_protocol.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kBatch = 500;  // as many as a runner claims ahead at the most
constexpr auto kDrainLimit = 600s;

double drainBareOnce(Stack& stack, int tasks, int connections) {
  stack.empty();
  stack.fill(tasks, "Noop");
  return drainBare({stack.server().socket(), Stack::kDatabase}, connections, kBatch);
}

double drainOnce(Stack& stack, int tasks, const std::string& taskHandlerClass) {
  stack.empty();
  stack.store().setPaused(PauseKind::Queue, "default", true, 0);
  stack.fill(tasks, taskHandlerClass);
  stack.store().setPaused(PauseKind::Queue, "default", false, 0);
  const auto start = Clock::now();
  stack.wake();
  stack.waitUntilDone(kDrainLimit);
  return tasks / secondsSince(start);
}

}  // namespace

void addDrainRows(Stack& stack, const Sizes& sizes, Table& table) {
  for (const int runners : {1, 2, 4}) {
    Figure figure{.row = "drain " + std::to_string(sizes.drainTasks) + " no-op tasks, " +
                         std::to_string(runners) + " runner" + (runners > 1 ? "s" : ""),
                  .unit = "tasks/s",
                  .ours = {},
                  .yardstickName = "bare protocol",
                  .yardstick = {}};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.stopRunners();
      figure.yardstick.push_back(drainBareOnce(stack, sizes.drainTasks, runners));
      stack.startRunners(runners);
      figure.ours.push_back(drainOnce(stack, sizes.drainTasks, "Noop"));
    }
    stack.stopRunners();
    table.add(std::move(figure));
  }
}

}  // namespace taskqueue::bench
