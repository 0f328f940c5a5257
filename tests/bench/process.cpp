#include "tests/bench/process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include "tests/support/eventually.h"

namespace taskqueue::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kStopLimit = 30s;

pid_t start(const std::vector<std::string>& command, int input, int output) {
  const pid_t id = ::fork();
  if (id < 0) throw std::runtime_error("cannot fork");
  if (id > 0) return id;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::dup2(input >= 0 ? input : ::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::closefrom(3);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  ::_exit(127);
}

int statusOf(pid_t id) {
  int status = 0;
  ::waitpid(id, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::string& log, int input) {
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  id_ = start(command, input, output);
  ::close(output);
}

Process::Process(const std::vector<std::string>& command, int output) : id_(start(command, -1, output)) {}

Process::~Process() {
  if (ended_) return;
  ::kill(id_, SIGTERM);
  if (test_support::eventually([&] { return ::waitpid(id_, nullptr, WNOHANG) == id_; }, kStopLimit)) return;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

int Process::wait() {
  ended_ = true;
  return statusOf(id_);
}

std::string outputOf(const std::vector<std::string>& command) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
  const pid_t id = start(command, -1, pipe[1]);
  ::close(pipe[1]);
  std::string output;
  std::array<char, 65536> piece{};
  for (ssize_t size; (size = ::read(pipe[0], piece.data(), piece.size())) > 0;) {
    output.append(piece.data(), static_cast<std::size_t>(size));
  }
  ::close(pipe[0]);
  if (statusOf(id) != 0) throw std::runtime_error(command.at(0) + " failed: " + output);
  return output;
}

}  // namespace taskqueue::bench
