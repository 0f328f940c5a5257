#include <algorithm>
#include <thread>

#include "tests/bench/process_figures.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

constexpr double kHour = 3600;
constexpr double kSettlingSeconds = 3;  // upper limit

double questions(Stack& stack) {
  auto row = stack.eye().queryText("SHOW GLOBAL STATUS LIKE 'Questions'").at(0);
  row.text();
  return static_cast<double>(row.integer());
}

double cpuOf(const std::vector<pid_t>& processes) {
  double seconds = 0;
  for (const pid_t process : processes) seconds += cpuSecondsOf(process);
  return seconds;
}

// Three rows with the cost of these processes while they are idle.
void addCost(Stack& stack, const Sizes& sizes, Table& table, const std::string& what,
             const std::vector<pid_t>& processes) {
  Figure share{.row = "idle: CPU of " + what, .unit = "% of a core", .better = Better::Lower};
  Figure hour{.row = "idle: CPU of " + what + ", an hour", .unit = "s", .better = Better::Lower};
  Figure queries{.row = "idle: queries of " + what, .unit = "1/s", .better = Better::Lower};
  std::this_thread::sleep_for(std::chrono::duration<double>(std::min(kSettlingSeconds, sizes.idleSeconds)));
  for (int i = 0; i < sizes.repetitions; ++i) {
    const double cpuBefore = cpuOf(processes);
    const double before = questions(stack);
    const auto start = Clock::now();
    std::this_thread::sleep_for(std::chrono::duration<double>(sizes.idleSeconds));
    const double asked = questions(stack) - before - 1;  // minus the query that reads the counter
    const double used = cpuOf(processes) - cpuBefore;
    const double elapsed = secondsSince(start);
    share.ours.push_back(100 * used / elapsed);
    hour.ours.push_back(kHour * used / elapsed);
    queries.ours.push_back(asked / elapsed);
  }
  table.add(std::move(share));
  table.add(std::move(hour));
  table.add(std::move(queries));
}

void addMemory(Table& table, const std::string& what, pid_t process) {
  table.add({.row = "idle: memory of " + what,
             .unit = "MiB",
             .ours = {residentMibOf(process)},
             .better = Better::Lower});
}

}  // namespace

void addIdleRows(Stack& stack, const Sizes& sizes, Table& table) {
  stack.startRunners(1);
  const pid_t runner = stack.runners().front()->id();
  const auto tree = treeOf(runner);
  addCost(stack, sizes, table, "a runner with its worker", tree);
  addMemory(table, "a runner", runner);
  for (const pid_t process : tree) {
    if (commandLineOf(process).find("--worker") == std::string::npos) continue;
    addMemory(table, "a C++ worker", process);
  }
  stack.stopRunners();
  stack.startWeb();
  addCost(stack, sizes, table, "the FastCGI program", {stack.module().id()});
  addMemory(table, "the FastCGI program", stack.module().id());
}

}  // namespace taskqueue::bench
