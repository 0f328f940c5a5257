#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "tests/bench/process_figures.h"
#include "tests/bench/rows.h"

namespace taskqueue::bench {
namespace {

constexpr std::size_t kMegabyte = 1'000'000;
constexpr std::chrono::seconds kMemorySettles{1};  // until ended runs have given back what they held

void writeText(const std::string& path, std::size_t bytes) {
  const std::string line = "0123456789 the quick brown fox jumps over the lazy dog and runs on\n";
  std::ofstream file(path);
  for (std::size_t written = 0; written < bytes; written += line.size()) {
    file << line.substr(0, bytes - written);
  }
  file.close();
  std::filesystem::permissions(path, std::filesystem::perms(0644));
}

// Runs this many `cat` at once, each with its own pipe to one reader. Returns total bytes per second.
double catThroughPipes(const std::string& path, int count) {
  std::vector<std::unique_ptr<Process>> cats;
  std::vector<pollfd> pipes;
  const auto start = Clock::now();
  for (int i = 0; i < count; ++i) {
    std::array<int, 2> pipe{};
    if (::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("cannot make a pipe");
    cats.push_back(std::make_unique<Process>(std::vector<std::string>{"cat", path}, pipe[1]));
    ::close(pipe[1]);
    pipes.push_back({pipe[0], POLLIN, 0});
  }
  std::vector<char> piece(1 << 16);
  std::size_t bytes = 0;
  for (int open = count; open > 0;) {
    ::poll(pipes.data(), pipes.size(), -1);
    for (pollfd& pipe : pipes) {
      if (pipe.fd < 0 || pipe.revents == 0) continue;
      const auto size = ::read(pipe.fd, piece.data(), piece.size());
      if (size > 0) {
        bytes += static_cast<std::size_t>(size);
        continue;
      }
      ::close(pipe.fd);
      pipe.fd = -1;
      --open;
    }
  }
  for (const auto& cat : cats) cat->wait();
  return static_cast<double>(bytes) / secondsSince(start);
}

}  // namespace

void addOutputRows(Stack& stack, const Sizes& sizes, Table& table) {
  const std::string whole = stack.directory() + "/whole.txt";
  const std::string part = stack.directory() + "/part.txt";
  const double megabytes = sizes.outputMegabytes;
  writeText(whole, kMegabyte * static_cast<std::size_t>(sizes.outputMegabytes));
  writeText(part, kMegabyte * static_cast<std::size_t>(sizes.outputMegabytes) /
                      static_cast<std::size_t>(sizes.writers));
  const std::string unit = "MB/s";
  Figure one{.row = "output of " + std::to_string(sizes.outputMegabytes) + " MB from one run",
             .unit = unit,
             .baselineName = "cat through a pipe"};
  Figure many{.row = "the same from " + std::to_string(sizes.writers) + " runs at once",
              .unit = unit,
              .baselineName = "as many cat"};
  Figure memory{.row = "the runner's memory after them",
                .unit = "MiB",
                .baselineName = "its memory before them",
                .better = Better::Lower};
  stack.startRunners(1, "slots=" + std::to_string(sizes.writers) +
                            "\n[handler.Whole]\ncommand=/usr/bin/cat " + whole +
                            "\n[handler.Part]\ncommand=/usr/bin/cat " + part);
  const pid_t runner = stack.runners().front()->id();
  stack.drain(1, "Noop");
  memory.baseline.push_back(residentMibOf(runner));
  for (int i = 0; i < sizes.repetitions; ++i) {
    one.baseline.push_back(catThroughPipes(whole, 1) / kMegabyte);
    one.ours.push_back(megabytes * stack.drain(1, "Whole"));
    many.baseline.push_back(catThroughPipes(part, sizes.writers) / kMegabyte);
    many.ours.push_back(megabytes / sizes.writers * stack.drain(sizes.writers, "Part"));
  }
  table.add(std::move(one));
  table.add(std::move(many));
  std::this_thread::sleep_for(kMemorySettles);
  memory.ours.push_back(residentMibOf(runner));
  table.add(std::move(memory));
  std::filesystem::remove(whole);
  std::filesystem::remove(part);
}

}  // namespace taskqueue::bench
