#include "module/command_line/work.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <thread>

#include "module/command_line/run_printer.h"
#include "module/platform/background_process.h"
#include "module/platform/descriptor.h"

namespace taskqueue::command_line {
namespace {

constexpr int kOfSignals = 128;
constexpr std::chrono::seconds kBetweenStarts{1};

// The read end of a pipe, cut into lines.
class Lines {
 public:
  Lines(int pipe, std::function<void(std::string_view)> onLine) : pipe_(pipe), onLine_(std::move(onLine)) {}

  int descriptor() const { return isOpen_ ? pipe_.number() : -1; }
  // Reads what is there, without waiting.
  void read() {
    std::array<char, 8192> buffer{};
    while (isOpen_) {
      const ssize_t size = ::read(pipe_.number(), buffer.data(), buffer.size());
      if (size < 0) return;
      if (size == 0) isOpen_ = false;
      rest_.append(buffer.data(), static_cast<std::size_t>(size));
      for (auto end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
        onLine_(std::string_view(rest_).substr(0, end));
        rest_.erase(0, end + 1);
      }
    }
  }

 private:
  platform::Descriptor pipe_;
  std::function<void(std::string_view)> onLine_;
  std::string rest_;
  bool isOpen_ = true;
};

// Reads the signals that end this program, and SIGCHLD.
class Signals {
 public:
  Signals() : descriptor_(block()) {}

  int descriptor() const { return descriptor_.number(); }
  // Returns how many of the signals were requests to end.
  int takeRequests() {
    int requests = 0;
    signalfd_siginfo one{};
    while (::read(descriptor_.number(), &one, sizeof one) == sizeof one) {
      if (one.ssi_signo != SIGCHLD) ++requests;
    }
    return requests;
  }

 private:
  static int block() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    ::sigprocmask(SIG_BLOCK, &signals, nullptr);
    return ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
  }

  platform::Descriptor descriptor_;
};

std::string programOf(const platform::RunnerConfiguration& configuration) {
  if (!configuration.program.empty()) return configuration.program;
  std::error_code failed;
  return (std::filesystem::read_symlink("/proc/self/exe", failed).parent_path() / "task-runner").string();
}

void printRun(std::string_view line, bool asJson) {
  static const bool hasColours = ::isatty(STDOUT_FILENO) == 1;
  std::cout << (asJson ? std::string(line) + "\n" : readableRun(line, hasColours)) << std::flush;
}

void printLog(std::string_view line, bool asJson) {
  static const bool hasColours = ::isatty(STDERR_FILENO) == 1;
  std::cerr << (asJson ? std::string(line) + "\n" : readableLog(line, hasColours)) << std::flush;
}

struct RunnerOutcome {
  int exitStatus = 0;
  bool wasAsked = false;  // this program was asked to end
};

// Shows what the runner writes until it has ended, and passes requests to end to it.
RunnerOutcome follow(const platform::PipedProcess& runner, Signals& signals, bool asJson) {
  Lines runs(runner.output, [asJson](std::string_view line) { printRun(line, asJson); });
  Lines log(runner.errors, [asJson](std::string_view line) { printLog(line, asJson); });
  RunnerOutcome outcome;
  while (true) {
    std::array<pollfd, 3> waiting{pollfd{signals.descriptor(), POLLIN, 0},
                                  pollfd{runs.descriptor(), POLLIN, 0}, pollfd{log.descriptor(), POLLIN, 0}};
    ::poll(waiting.data(), waiting.size(), -1);
    for (int request = signals.takeRequests(); request > 0; --request) {
      if (!outcome.wasAsked && !asJson)
        std::cerr << "Stopping: runs may finish; a second Ctrl-C releases them at once.\n";
      outcome.wasAsked = true;
      ::kill(runner.processId, SIGTERM);
    }
    int status = 0;
    const bool hasEnded = ::waitpid(runner.processId, &status, WNOHANG) == runner.processId;
    runs.read();
    log.read();
    if (!hasEnded) continue;
    outcome.exitStatus = WIFEXITED(status) ? WEXITSTATUS(status) : kOfSignals + WTERMSIG(status);
    return outcome;
  }
}

}  // namespace

WorkCommand::WorkCommand(CLI::App& app)
    : work_(app.add_subcommand("work", "be a runner in the foreground until Ctrl-C, for a developer")) {
  work_->add_option("--handlers", bootstrap_, "the bootstrap file that returns the PHP handlers")->required();
  work_->add_option("--queue", queues_, "in place of runner.queues; may be given several times");
  work_->add_option("--slots", slots_, "most runs at once, in place of runner.slots")
      ->check(CLI::Range(1, platform::kMaxSlots));
  work_->add_flag("--json", json_, "a line of JSON for each run, and the runner's log as it is");
}

int WorkCommand::run(const platform::Configuration& configuration) const {
  std::vector<std::string> command{programOf(configuration.runner),
                                   "--config",
                                   configuration.path,
                                   "--end-with-parent",
                                   "--print-runs",
                                   "--bootstrap",
                                   std::filesystem::absolute(bootstrap_).string()};
  for (const std::string& queue : queues_) command.insert(command.end(), {"--queue", queue});
  if (slots_) command.insert(command.end(), {"--slots", std::to_string(*slots_)});
  Signals signals;
  while (true) {
    const auto runner = platform::startWithPipes(command);
    if (!runner) {
      throw platform::ConfigurationError("runner.program '" + command.front() + "' cannot be executed");
    }
    const RunnerOutcome outcome = follow(*runner, signals, json_);
    // A runner that was drained or whose row was ended by others is started again, as supervisord does.
    const bool goesOn = outcome.exitStatus == EX_OK || outcome.exitStatus == EX_TEMPFAIL;
    if (outcome.wasAsked || !goesOn) return outcome.exitStatus;
    std::this_thread::sleep_for(kBetweenStarts);
    if (signals.takeRequests() > 0) return EX_OK;
  }
}

}  // namespace taskqueue::command_line
