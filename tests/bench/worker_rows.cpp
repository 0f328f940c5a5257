#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

#include "tests/bench/process_figures.h"
#include "tests/bench/rows.h"

extern char** environ;

namespace taskqueue::bench {
namespace {

constexpr int kWorkerRowsAtOnce = 4;  // runner.slots
constexpr const char* kCommand = "/usr/bin/true";

// Sends lines to this many bare PHP loops, each with one line at a time. Returns answers per second.
double bareLoops(Stack& stack, int runs) {
  std::vector<std::unique_ptr<Process>> loops;
  std::vector<pollfd> sockets;
  for (int i = 0; i < kWorkerRowsAtOnce; ++i) {
    std::array<int, 2> pair{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
      throw std::runtime_error("cannot make a pair of sockets");
    }
    loops.push_back(std::make_unique<Process>(
        std::vector<std::string>{"php", stack.directory() + "/bench-php/bare_loop.php"},
        stack.directory() + "/bare_loop.log", pair[1]));
    ::close(pair[1]);
    sockets.push_back({pair[0], POLLIN, 0});
  }
  const std::string line = "{\"Id\":1,\"TaskData\":{}}\n";
  std::array<char, 4096> answer{};
  const auto exchange = [&](int count) {
    int sent = 0;
    for (const pollfd& socket : sockets) sent += ::write(socket.fd, line.data(), line.size()) > 0 ? 1 : 0;
    for (int answered = 0; answered < sent;) {
      ::poll(sockets.data(), sockets.size(), -1);
      for (const pollfd& socket : sockets) {
        if (socket.revents == 0) continue;
        if (::read(socket.fd, answer.data(), answer.size()) <= 0) {
          throw std::runtime_error("bare_loop.php has ended; see " + stack.directory() + "/bare_loop.log");
        }
        ++answered;
        if (sent >= count) continue;
        sent += ::write(socket.fd, line.data(), line.size()) > 0 ? 1 : 0;
      }
    }
    return sent;
  };
  exchange(kWorkerRowsAtOnce);  // waits until all have started
  const auto start = Clock::now();
  const int done = exchange(runs);
  const double elapsed = secondsSince(start);
  for (const pollfd& socket : sockets) ::close(socket.fd);
  return done / elapsed;
}

// Runs fork, exec and wait, with this many processes at once.
double bareCommands(int runs) {
  std::string name = kCommand;
  std::array<char*, 2> arguments{name.data(), nullptr};
  int started = 0;
  const auto launch = [&] {
    pid_t id = 0;
    if (::posix_spawn(&id, kCommand, nullptr, nullptr, arguments.data(), environ) != 0) {
      throw std::runtime_error(std::string("cannot start ") + kCommand);
    }
    ++started;
    return id;
  };
  std::vector<pid_t> running;
  const auto start = Clock::now();
  while (static_cast<int>(running.size()) < std::min(kWorkerRowsAtOnce, runs)) running.push_back(launch());
  // It waits for the oldest process, since all take equally long.
  for (std::size_t oldest = 0; !running.empty();) {
    ::waitpid(running[oldest], nullptr, 0);
    if (started < runs) {
      running[oldest] = launch();
      oldest = (oldest + 1) % running.size();
      continue;
    }
    running.erase(running.begin() + static_cast<std::ptrdiff_t>(oldest));
    if (oldest >= running.size()) oldest = 0;
  }
  return runs / secondsSince(start);
}

}  // namespace

void addWorkerRows(Stack& stack, const Sizes& sizes, Table& table) {
  const std::string settings = "[worker.php]\ncommand=/usr/bin/php " + stack.directory() +
                               "/php/worker.php --bootstrap=" + stack.directory() +
                               "/bench-php/handlers.php\n[handler.True]\ncommand=" + kCommand;
  Figure php{.row = "drain " + std::to_string(sizes.phpTasks) + " tasks, PHP worker, 1 runner",
             .unit = "tasks/s",
             .baselineName = "bare PHP loops"};
  Figure phpCost{.row = "runner and PHP worker CPU of a no-op task", .unit = "us", .better = Better::Lower};
  Figure command{.row = "drain " + std::to_string(sizes.commandTasks) + " tasks, command, 1 runner",
                 .unit = "tasks/s",
                 .baselineName = "fork, exec, wait"};
  for (int i = 0; i < sizes.repetitions; ++i) {
    stack.stopRunners();
    php.baseline.push_back(bareLoops(stack, sizes.phpTasks));
    command.baseline.push_back(bareCommands(sizes.commandTasks));
    stack.startRunners(1, settings);
    const pid_t runner = stack.runners().front()->id();
    const double before = treeSeconds(runner);
    php.ours.push_back(stack.drain(sizes.phpTasks, "PhpNoop"));
    phpCost.ours.push_back(1e6 * (treeSeconds(runner) - before) / sizes.phpTasks);
    command.ours.push_back(stack.drain(sizes.commandTasks, "True"));
  }
  table.add(std::move(php));
  table.add(std::move(phpCost));
  table.add(std::move(command));
}

}  // namespace taskqueue::bench
