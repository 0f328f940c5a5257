#include "module/platform/queue_dependencies.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <thread>

#include "module/health/health.h"
#include "module/json/notification.h"
#include "module/json/task_data.h"
#include "module/platform/background_process.h"
#include "module/platform/results_journal.h"
#include "module/platform/run_directory.h"
#include "module/platform/secret.h"
#include "module/platform/started_runs.h"

namespace taskqueue::platform {
namespace {

std::vector<std::string> runnerCommand(const Configuration& configuration) {
  return {configuration.runner.program, "--config", configuration.path};
}

constexpr std::chrono::seconds kForRegistration{5};

// Waits for the condition. Returns false if it does not hold within the limit.
bool waitUntil(const std::function<bool()>& condition) {
  constexpr std::chrono::milliseconds kBetweenLooks{20};
  const auto end = std::chrono::steady_clock::now() + kForRegistration;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

// A lock that is held until the started runners have registered. Otherwise another caller would start them
// again. Throws ConfigurationError if there is no directory for it.
class StartLock {
 public:
  explicit StartLock(const Configuration& configuration)
      : descriptor_(openInRunDirectory(configuration.runner.runDirectory + "/start.lock", O_RDWR | O_CREAT)) {
    if (descriptor_ < 0) {
      throw ConfigurationError("no runner is started: runner.run_directory '" +
                               configuration.runner.runDirectory +
                               "' cannot be used: " + std::generic_category().message(errno));
    }
    isHeld_ = waitUntil([&] { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0; });
  }
  ~StartLock() { ::close(descriptor_); }
  StartLock(const StartLock&) = delete;
  StartLock& operator=(const StartLock&) = delete;

  bool isHeld() const { return isHeld_; }

 private:
  int descriptor_;
  bool isHeld_ = false;
};

[[noreturn]] void refuseProgram(const Configuration& configuration) {
  throw ConfigurationError("no runner is started: runner.program '" + configuration.runner.program +
                           "' cannot be executed");
}

int startRunners(const Configuration& configuration, const std::function<int()>& countMissing) {
  const StartLock lock(configuration);
  if (!lock.isHeld()) return 0;
  const int missing = countMissing();
  int started = 0;
  while (started < missing && startInBackground(runnerCommand(configuration))) ++started;
  if (missing > 0 && started == 0) refuseProgram(configuration);
  if (started > 0) waitUntil([&] { return countMissing() <= missing - started; });
  return started;
}

sigset_t signalsToWaitFor() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

// Waits for the child and forwards signals to it. Returns its exit status, or 128 plus the signal that killed
// it.
int waitFor(pid_t child) {
  constexpr int kOfSignals = 128;
  const sigset_t signals = signalsToWaitFor();
  while (true) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child)
      return WIFEXITED(status) ? WEXITSTATUS(status) : kOfSignals + WTERMSIG(status);
    int signal = 0;
    if (::sigwait(&signals, &signal) == 0 && signal != SIGCHLD) ::kill(child, SIGTERM);
  }
}

// Returns the runner's printed result as JSON. It is empty if no runner was missing, or if the runner failed
// or could not start. The lock is held until the runner has registered.
std::string runOneStandalone(const Configuration& configuration, const std::function<int()>& countMissing) {
  constexpr std::chrono::seconds kForStartAndEnd{5};
  std::optional<StartLock> lock;
  int missing = 0;
  if (countMissing) {
    lock.emplace(configuration);
    missing = lock->isHeld() ? countMissing() : 0;
    if (missing <= 0) return {};
  }
  const std::chrono::seconds limit = configuration.web.standaloneLimit;
  auto command = runnerCommand(configuration);
  command.insert(command.end(), {"--standalone", "--seconds", std::to_string(limit.count())});
  const auto onStarted = [&](const std::function<bool()>& hasEnded) {
    if (lock) waitUntil([&] { return countMissing() < missing || hasEnded(); });
    lock.reset();
  };
  const auto outcome = runToEnd(
      command, limit + configuration.runner.drainLimit + configuration.runner.killGrace + kForStartAndEnd,
      onStarted);
  return outcome.ended && outcome.exitStatus == 0 ? outcome.output : std::string();
}

// Makes one notification for each operator and cause. The unique key prevents a second one of that cause
// within the window.
std::vector<NewTask> alertTasks(const Configuration& configuration, const Stores& stores) {
  const auto isWanted = [&](const health::HealthCheck& check) {
    if (check.event != "handler.failed") return check.notifiesOperators();
    const auto& names = configuration.notify.failuresOf;
    return check.notifiesOperators() && std::any_of(names.begin(), names.end(), [&](const std::string& name) {
             return name == "*" || name == check.subject;
           });
  };
  std::vector<NewTask> tasks;
  const UnixSeconds now = stores.clock.now();
  // The schema is right here, because programs with a wrong schema do not enqueue tasks.
  const auto checks = checkHealth(
      stores, [] { return std::optional<std::string>(); }, healthSettings(configuration));
  for (const health::HealthCheck& check : checks) {
    if (!isWanted(check)) continue;
    for (const std::string& to : configuration.notify.operators) {
      NewTask task = json::makeNotification(check, to, now);
      task.uniqueKey = "alert " + sha256Hex(causeKey(check) + "\n" + to);
      task.uniqueMode = UniqueMode::Window;
      task.uniqueSeconds = configuration.limits.alertSeconds;
      tasks.push_back(std::move(task));
    }
  }
  return tasks;
}

}  // namespace

QueueDependencies makeQueueDependencies(const Configuration& configuration) {
  std::function<std::vector<NewTask>(const Stores&)> alerts;
  if (!configuration.notify.operators.empty())
    alerts = [&configuration](const Stores& stores) { return alertTasks(configuration, stores); };
  return {.checkTaskData = json::TaskDataCheck(json::taskDataLimits(configuration.limits)),
          .startRunners = [&configuration](
                              const auto& countMissing) { return startRunners(configuration, countMissing); },
          .runOneStandalone =
              [&configuration](const auto& countMissing) {
                return runOneStandalone(configuration, countMissing);
              },
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

std::optional<int> runOneInForeground(const Configuration& configuration,
                                      const std::function<int()>& countMissing) {
  const sigset_t signals = signalsToWaitFor();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::optional<int> child;
  {
    const StartLock lock(configuration);
    const int missing = lock.isHeld() ? countMissing() : 0;
    if (missing <= 0) return std::nullopt;
    auto command = runnerCommand(configuration);
    command.emplace_back("--end-with-parent");
    child = startInForeground(command);
    if (!child) refuseProgram(configuration);
    waitUntil([&] { return countMissing() < missing; });
  }
  return waitFor(*child);
}

}  // namespace taskqueue::platform
