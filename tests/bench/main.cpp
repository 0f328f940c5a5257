// The benchmark: measures each row beside its yardstick in one run and prints the table.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include "tests/bench/rows.h"

int main(int argc, char** argv) {
  using namespace taskqueue::bench;
  CLI::App app("Measures TaskQueue beside its yardsticks. tests/bench/run prepares and calls this.");
  Sizes sizes;
  std::string build;
  std::string tsv;
  std::string only;
  app.add_option("--build", build, "the build directory with the programs")->required();
  app.add_option("--repetitions", sizes.repetitions, "of each row")->check(CLI::Range(1, 100));
  app.add_option("--drain-tasks", sizes.drainTasks, "tasks of each drain")->check(CLI::Range(100, 10000000));
  app.add_option("--tsv", tsv, "write the table there, too, as tab-separated values");
  app.add_option("--only", only, "rows of this subject only: drain");
  CLI11_PARSE(app, argc, argv);
  try {
    Table table;
    Stack stack(build);
    const auto wanted = [&](const std::string& subject) { return only.empty() || only == subject; };
    if (wanted("drain")) addDrainRows(stack, sizes, table);
    if (!tsv.empty()) {
      std::ofstream file(tsv);
      table.printTsv(file);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return 1;
  }
}
