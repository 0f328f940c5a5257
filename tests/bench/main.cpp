// The benchmark measures each row and its baseline in the same run, and prints the table.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <regex>

#include "tests/bench/rows.h"

namespace taskqueue::bench {

std::vector<Group> groups() {
  return {{"enqueue_http", addEnqueueHttpRows},
          {"enqueue_php", addEnqueuePhpRows},
          {"drain", addDrainRows},
          {"cost", addCostRows},
          {"workers", addWorkerRows},
          {"mixed", addMixedRows},
          {"latency", addLatencyRows},
          {"output", addOutputRows},
          {"idle", addIdleRows},
          {"peers", addPeerRows},
          {"pages", addPageRows},
          {"claims", addClaimRows, false}};
}

namespace {

void addSizes(CLI::App& app, Sizes& sizes) {
  const auto number = [&app](const char* name, int& size, const char* meaning) {
    app.add_option(name, size, meaning)->check(CLI::Range(1, 100'000'000))->capture_default_str();
  };
  const auto seconds = [&app](const char* name, double& size, const char* meaning) {
    app.add_option(name, size, meaning)->check(CLI::Range(0.1, 3600.0))->capture_default_str();
  };
  number("--repetitions", sizes.repetitions, "of each row");
  seconds("--seconds", sizes.seconds, "of each rate that is taken by the clock");
  number("--drain-tasks", sizes.drainTasks, "tasks of each drain by the C++ worker");
  number("--php-tasks", sizes.phpTasks, "tasks of each drain by the PHP worker");
  number("--command-tasks", sizes.commandTasks, "tasks of each drain by commands");
  number("--probes", sizes.probes, "tasks of each sample of latencies");
  number("--backlog", sizes.backlog, "tasks of low priority that wait meanwhile");
  number("--claims", sizes.claims, "claims of each sample");
  number("--claim-size", sizes.claimSize, "tasks of each claim");
  number("--few-rows", sizes.fewRows, "finished tasks of the small history");
  number("--finished-rows", sizes.finishedRows, "finished tasks of the large history");
  number("--waiting-rows", sizes.waitingRows, "tasks that wait besides");
  number("--snapshot-tasks", sizes.snapshotTasks, "tasks claimed and finished while a snapshot is open");
  number("--output-megabytes", sizes.outputMegabytes, "that one run writes");
  number("--writers", sizes.writers, "runs that write as much at once, together");
  seconds("--idle-seconds", sizes.idleSeconds, "of each sample of an idle queue");
  number("--page-tasks", sizes.pageTasks, "tasks in the table that is listed");
  number("--page-requests", sizes.pageRequests, "requests of each sample");
  number("--peer-tasks", sizes.peerTasks, "jobs of each drain by another queue");
}

}  // namespace
}  // namespace taskqueue::bench

int main(int argc, char** argv) {
  using namespace taskqueue::bench;
  CLI::App app("Measures TaskQueue beside its baselines. tests/bench/run prepares and calls this.");
  Sizes sizes;
  std::string build;
  std::string checkout = TASKQUEUE_CHECKOUT;
  std::string tsv;
  std::string rows = ".";
  bool withPeers = false;
  app.add_option("--build", build, "the build directory with the programs")->required();
  app.add_option("--checkout", checkout, "the directory of the sources");
  app.add_option("--tsv", tsv, "write the table there, too, as tab-separated values");
  app.add_option("--rows", rows, "only groups whose name has such a part, a regular expression");
  app.add_flag("--with-peers", withPeers, "measure the other queues that are installed, too");
  addSizes(app, sizes);
  CLI11_PARSE(app, argc, argv);
  try {
    const std::regex wanted(rows);
    Table table;
    Stack stack(build, checkout);
    for (const Group& group : groups()) {
      if (!std::regex_search(group.name, wanted) || (group.name == "peers" && !withPeers)) continue;
      if (group.startsEmpty) stack.empty();
      group.measure(stack, sizes, table);
      stack.stopRunners();
      stack.stopWeb();
      if (tsv.empty()) continue;
      std::ofstream file(tsv);
      table.printTsv(file);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench: " << error.what() << "\n";
    return 1;
  }
}
