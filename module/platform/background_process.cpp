#include "module/platform/background_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

namespace taskqueue::platform {
namespace {

constexpr int kFirstDescriptorOfOurs = 3;

constexpr int kNowhere = -1;

// Spawns a program with stdin on /dev/null, stdout on `output` and stderr on `errors`. With kNowhere as
// output, both go to /dev/null.
std::optional<pid_t> spawn(const std::vector<std::string>& command, int output, short flags,
                           int errors = STDERR_FILENO) {
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (output != kNowhere) {
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  } else {
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  }
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, kFirstDescriptorOfOurs);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes,
                           static_cast<short>(flags | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));

  pid_t pid = 0;
  const int error = command.empty() ? ENOENT
                                    : ::posix_spawn(&pid, command.front().c_str(), &actions, &attributes,
                                                    arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return error == 0 ? std::optional(pid) : std::nullopt;
}

}  // namespace

std::optional<int> startInBackground(const std::vector<std::string>& command) {
  return spawn(command, kNowhere, POSIX_SPAWN_SETSID);
}

std::optional<int> startInForeground(const std::vector<std::string>& command) {
  return spawn(command, STDOUT_FILENO, 0);
}

std::optional<PipedProcess> startWithPipes(const std::vector<std::string>& command) {
  std::array<int, 2> output{};
  std::array<int, 2> errors{};
  if (::pipe2(output.data(), O_CLOEXEC | O_NONBLOCK) != 0) return std::nullopt;
  if (::pipe2(errors.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    for (const int end : output) ::close(end);
    return std::nullopt;
  }
  const auto pid = spawn(command, output[1], POSIX_SPAWN_SETPGROUP, errors[1]);
  ::close(output[1]);
  ::close(errors[1]);
  if (pid) return PipedProcess{*pid, output[0], errors[0]};
  ::close(output[0]);
  ::close(errors[0]);
  return std::nullopt;
}

ProgramOutcome runToEnd(const std::vector<std::string>& command, std::chrono::seconds limit,
                        const std::function<void(const std::function<bool()>& hasEnded)>& onStarted) {
  constexpr std::size_t kOutputBytes = 64 << 10;
  ProgramOutcome outcome;
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return outcome;
  const auto pid = spawn(command, pipe[1], 0);
  ::close(pipe[1]);
  if (pid) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    const auto hasEnded = [&] {
      siginfo_t state{};
      return ::waitid(P_PID, static_cast<id_t>(*pid), &state, WEXITED | WNOHANG | WNOWAIT) == 0 &&
             state.si_pid == *pid;
    };
    if (onStarted) onStarted(hasEnded);
    bool open = true;
    while (open) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd waiting{.fd = pipe[0], .events = POLLIN, .revents = 0};
      if (left.count() <= 0 || ::poll(&waiting, 1, static_cast<int>(left.count())) == 0) break;
      std::array<char, 4096> buffer{};
      const ssize_t size = ::read(pipe[0], buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      open = size > 0;
      if (open && outcome.output.size() < kOutputBytes) {
        outcome.output.append(buffer.data(), static_cast<std::size_t>(size));
      }
    }
    if (open) ::kill(*pid, SIGKILL);
    int status = 0;
    while (::waitpid(*pid, &status, 0) < 0 && errno == EINTR) {
    }
    outcome.ended = !open && WIFEXITED(status);
    outcome.exitStatus = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  ::close(pipe[0]);
  return outcome;
}

}  // namespace taskqueue::platform
