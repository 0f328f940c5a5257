#include "tests/bench/bare_insert.h"
#include "tests/bench/http_load.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

std::string taskText() {
  return std::string(R"({"TaskHandlerClass":"Noop","TaskData":)") + kTaskData + "}";
}

std::string arrayOf(int tasks) {
  std::string text = "[";
  for (int i = 0; i < tasks; ++i) text += (i == 0 ? "" : ",") + taskText();
  return text + "]";
}

std::string postTo(Stack& stack, const char* basePath, const std::string& body) {
  return httpPost(std::string(basePath) + "api/v1/tasks", body, stack.apiHeader());
}

}  // namespace

void addEnqueueHttpRows(Stack& stack, const Sizes& sizes, Table& table) {
  stack.startWeb();
  HttpLoad load(stack.port());
  const std::chrono::duration<double> time(sizes.seconds);
  for (const int connections : {1, 8, 64}) {
    Figure figure{.row = "enqueue over HTTP, " + std::to_string(connections) + " connection" +
                         (connections > 1 ? "s" : ""),
                  .unit = "tasks/s",
                  .baselineName = "nginx and one INSERT"};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.empty();
      figure.baseline.push_back(
          load.runFor(time, connections, postTo(stack, Stack::kBarePath, kTaskData), 201).perSecond());
      stack.empty();
      figure.ours.push_back(
          load.runFor(time, connections, postTo(stack, Stack::kPath, taskText()), 201).perSecond());
    }
    table.add(std::move(figure));
  }
  for (const int tasks : {100, 1000}) {
    Figure figure{.row = "enqueue over HTTP, arrays of " + std::to_string(tasks),
                  .unit = "tasks/s",
                  .baselineName = "multi-row INSERT"};
    for (int i = 0; i < sizes.repetitions; ++i) {
      stack.empty();
      figure.baseline.push_back(insertBareRows(stack.bare(), tasks, time));
      stack.empty();
      figure.ours.push_back(
          tasks * load.runFor(time, 1, postTo(stack, Stack::kPath, arrayOf(tasks)), 201).perSecond());
    }
    table.add(std::move(figure));
  }
}

}  // namespace taskqueue::bench
