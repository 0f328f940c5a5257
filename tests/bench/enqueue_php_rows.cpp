#include <sstream>
#include <stdexcept>
#include <vector>

#include "tests/bench/rows.h"

namespace taskqueue::bench {

void addEnqueuePhpRows(Stack& stack, const Sizes& sizes, Table& table) {
  stack.startRunners(1);  // the runner announces the handlers
  stack.stopRunners();
  std::vector<Figure> figures;
  for (int i = 0; i < sizes.repetitions; ++i) {
    stack.empty();
    // Each line of the output has the bare rate, ours and the name of the row.
    std::istringstream lines(outputOf({"php", stack.directory() + "/bench-php/enqueue.php",
                                       stack.directory() + "/php/autoload.php", stack.bare().socket,
                                       Stack::kDatabase, std::to_string(sizes.seconds)}));
    double bare = 0;
    double ours = 0;
    std::string name;
    for (std::size_t row = 0; lines >> bare >> ours >> std::ws && std::getline(lines, name); ++row) {
      if (i == 0)
        figures.push_back({.row = name, .unit = "tasks/s", .baselineName = "the bare INSERT in PHP"});
      figures.at(row).baseline.push_back(bare);
      figures.at(row).ours.push_back(ours);
    }
  }
  if (figures.empty()) throw std::runtime_error("enqueue.php says nothing");
  for (Figure& figure : figures) table.add(std::move(figure));
}

}  // namespace taskqueue::bench
