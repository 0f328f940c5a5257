#include "module/platform/queue_surroundings.h"

#include "module/json/task_data.h"
#include "module/platform/background_process.h"

namespace taskqueue::platform {
namespace {

std::vector<std::string> runnerCommand(const Configuration& configuration) {
  return {configuration.runner.program, "--config", configuration.path};
}

int startRunners(const Configuration& configuration, int count) {
  int started = 0;
  while (started < count && startInBackground(runnerCommand(configuration))) ++started;
  return started;
}

// What the runner printed of its work, as JSON; empty when it could not be started or failed.
std::string runOneStandalone(const Configuration& configuration) {
  constexpr std::chrono::seconds kForStartAndEnd{5};
  const std::chrono::seconds limit = configuration.web.standaloneLimit;
  auto command = runnerCommand(configuration);
  command.insert(command.end(), {"--standalone", "--seconds", std::to_string(limit.count())});
  const auto outcome = runToEnd(
      command, limit + configuration.runner.drainLimit + configuration.runner.killGrace + kForStartAndEnd);
  return outcome.ended && outcome.exitStatus == 0 ? outcome.output : std::string();
}

}  // namespace

QueueSurroundings queueSurroundings(const Configuration& configuration) {
  return {.checkTaskData = [limits = json::taskDataLimits(configuration.limits)](
                               auto data, auto schema) { return json::checkTaskData(data, schema, limits); },
          .startRunners = [&configuration](int count) { return startRunners(configuration, count); },
          .runOneStandalone = [&configuration] { return runOneStandalone(configuration); }};
}

}  // namespace taskqueue::platform
