#include "runner/handlers/echo.h"

#include <csignal>
#include <iostream>
#include <string>
#include <thread>

#include "module/json/writer.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

using namespace std::chrono_literals;

constexpr const char* kEchoSchema = R"({
  "type": "object",
  "properties": {
    "message": {"type": "string", "maxLength": 100000},
    "sleep": {"type": "number", "minimum": 0, "maximum": 86400},
    "steps": {"type": "integer", "minimum": 1, "maximum": 10000},
    "output": {"type": "integer", "minimum": 0, "maximum": 1000000000},
    "fail": {"type": "string", "maxLength": 10000},
    "crash": {"type": "integer", "minimum": 1, "maximum": 64}
  },
  "additionalProperties": false
})";

double numberOr(const json::Value& data, const char* name, double defaultValue) {
  const auto found = data.FindMember(name);
  return found == data.MemberEnd() ? defaultValue : found->value.GetDouble();
}

void sleepUnlessCancelled(TaskRun& run, std::chrono::duration<double> time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
    run.stopIfAsked();
    const std::chrono::duration<double> left = until - std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::min<std::chrono::duration<double>>(left, 50ms));
  }
}

void writeBytes(std::int64_t count) {
  constexpr std::string_view kLine = "0123456789 the quick brown fox jumps over the lazy dog 0123456789\n";
  for (; count >= static_cast<std::int64_t>(kLine.size()); count -= static_cast<std::int64_t>(kLine.size())) {
    std::cout << kLine;
  }
  std::cout << kLine.substr(0, static_cast<std::size_t>(count));
}

class Echo : public ITaskHandler {
 public:
  void handleTaskRun(TaskRun& run) override {
    const json::Document data = dataOf(run);
    const std::string message(json::textMember(data, "message").value_or(""));
    if (!message.empty()) std::cout << message << "\n";
    const int steps = static_cast<int>(numberOr(data, "steps", 1));
    const std::chrono::duration<double> sleep(numberOr(data, "sleep", 0));
    for (int step = 1; step <= steps; ++step) {
      sleepUnlessCancelled(run, sleep / steps);
      run.setProgress(100 * step / steps, "step " + std::to_string(step) + " of " + std::to_string(steps));
    }
    writeBytes(json::integerMember(data, "output").value_or(0));
    if (const auto signal = json::integerMember(data, "crash")) {
      std::cout.flush();
      std::raise(static_cast<int>(*signal));
    }
    if (const auto reason = json::textMember(data, "fail"))
      throw TaskError("echo_failed", std::string(*reason));
    json::Writer results;
    run.setResults(
        results.startObject().member("message", message).member("steps", steps).endObject().text());
  }
};

}  // namespace

HandlerEntry makeEcho() {
  HandlerEntry entry;
  entry.taskHandlerClass = "Echo";
  entry.dataSchema = kEchoSchema;
  entry.handler = std::make_unique<Echo>();
  return entry;
}

}  // namespace taskqueue::handlers
