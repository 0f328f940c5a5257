// A plug-in whose handler reports its start time, by the clock that all processes of the machine share.
#include <chrono>

#include "runner/handlers/plugin.h"

namespace {

using namespace taskqueue::handlers;

class Stamp : public ITaskHandler {
 public:
  void handleTaskRun(TaskRun& run) override {
    run.setResults(std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
  }
};

std::vector<HandlerEntry> makeHandlers() {
  std::vector<HandlerEntry> handlers(1);
  handlers.front().taskHandlerClass = "Stamp";
  handlers.front().dataSchema = R"({"type":"object"})";
  handlers.front().handler = std::make_unique<Stamp>();
  return handlers;
}

}  // namespace

TASKQUEUE_PLUGIN(makeHandlers)
