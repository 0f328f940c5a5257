#include "module/platform/queue_surroundings.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "module/json/notification.h"
#include "module/json/task_data.h"
#include "module/platform/background_process.h"
#include "module/platform/results_journal.h"
#include "module/platform/secret.h"
#include "module/platform/started_runs.h"

namespace taskqueue::platform {
namespace {

std::vector<std::string> runnerCommand(const Configuration& configuration) {
  return {configuration.runner.program, "--config", configuration.path};
}

constexpr std::chrono::seconds kForRegistration{5};

// True as soon as the condition holds; false when it still does not at the limit.
bool waitUntil(const std::function<bool()>& condition) {
  constexpr std::chrono::milliseconds kBetweenLooks{20};
  const auto end = std::chrono::steady_clock::now() + kForRegistration;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

int startRunners(const Configuration& configuration, const std::function<int()>& countMissing) {
  // Held until the runners are in the table: who asks meanwhile would start them once more.
  const std::string path = configuration.runner.runDirectory + "/start.lock";
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (lock < 0 || !waitUntil([&] { return ::flock(lock, LOCK_EX | LOCK_NB) == 0; })) {
    if (lock >= 0) ::close(lock);
    return 0;
  }
  const int missing = countMissing();
  int started = 0;
  while (started < missing && startInBackground(runnerCommand(configuration))) ++started;
  if (started > 0) waitUntil([&] { return countMissing() <= missing - started; });
  ::close(lock);
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

// One message for each operator and cause, and no other one of that cause until the window is over.
std::vector<NewTask> alertTasks(const Configuration& configuration, const std::vector<Alert>& alerts) {
  const auto isWanted = [&](const Alert& alert) {
    if (alert.kind != AlertKind::HandlerFailed) return true;
    const auto& names = configuration.notify.failuresOf;
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return name == "*" || name == alert.subject; });
  };
  std::vector<NewTask> tasks;
  for (const Alert& alert : alerts) {
    if (!isWanted(alert)) continue;
    for (const std::string& to : configuration.notify.operators) {
      NewTask task = json::notificationOf(alert, to);
      task.uniqueKey = "alert " + sha256Hex(causeOf(alert) + "\n" + to);
      task.uniqueMode = UniqueMode::Window;
      task.uniqueSeconds = configuration.limits.alertSeconds;
      tasks.push_back(std::move(task));
    }
  }
  return tasks;
}

}  // namespace

QueueSurroundings queueSurroundings(const Configuration& configuration) {
  std::function<std::vector<NewTask>(const std::vector<Alert>&)> alerts;
  if (!configuration.notify.operators.empty())
    alerts = [&configuration](const auto& found) { return alertTasks(configuration, found); };
  return {.checkTaskData = [limits = json::taskDataLimits(configuration.limits)](
                               auto data, auto schema) { return json::checkTaskData(data, schema, limits); },
          .startRunners = [&configuration](
                              const auto& countMissing) { return startRunners(configuration, countMissing); },
          .runOneStandalone = [&configuration] { return runOneStandalone(configuration); },
          .readJournal = [&configuration](int id) { return ResultsJournal(configuration, id).read(); },
          .readStarted = [&configuration](int id) { return StartedRuns::read(configuration, id); },
          .removeJournal =
              [&configuration](int id) {
                ResultsJournal(configuration, id).remove();
                StartedRuns::removeFile(configuration, id);
              },
          .alertTasks = std::move(alerts),
          .steadyNow = {}};
}

}  // namespace taskqueue::platform
