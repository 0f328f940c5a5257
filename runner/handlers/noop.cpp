#include "runner/handlers/noop.h"

namespace taskqueue::handlers {
namespace {

class Noop : public ITaskHandler {
 public:
  void handleTaskRun(TaskRun&) override {}
};

}  // namespace

HandlerEntry makeNoop() {
  HandlerEntry entry;
  entry.taskHandlerClass = "Noop";
  entry.dataSchema = R"({"type":"object"})";
  entry.handler = std::make_unique<Noop>();
  return entry;
}

}  // namespace taskqueue::handlers
