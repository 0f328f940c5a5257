#include <sstream>

#include "tests/bench/rows.h"

namespace taskqueue::bench {

void addEnqueuePhpRows(Stack& stack, const Sizes& sizes, Table& table) {
  stack.startRunners(1);  // the runner announces the handlers
  stack.stopRunners();
  Figure figure{.row = "enqueue from PHP, each in a transaction",
                .unit = "tasks/s",
                .baselineName = "the bare INSERT in PHP"};
  for (int i = 0; i < sizes.repetitions; ++i) {
    stack.empty();
    // The output has the bare rate first, then ours.
    std::istringstream rates(outputOf({"php", stack.directory() + "/bench-php/enqueue.php",
                                       stack.directory() + "/php/autoload.php", stack.bare().socket,
                                       Stack::kDatabase, std::to_string(sizes.seconds)}));
    double bare = 0;
    double ours = 0;
    if (!(rates >> bare >> ours)) throw std::runtime_error("enqueue.php says: " + rates.str());
    figure.baseline.push_back(bare);
    figure.ours.push_back(ours);
  }
  table.add(std::move(figure));
}

}  // namespace taskqueue::bench
