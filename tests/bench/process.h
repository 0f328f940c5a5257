// A child process that ends with the benchmark.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskqueue::bench {

class Process {
 public:
  // `input` becomes its standard input; -1: /dev/null. Its output is appended to the file `log`.
  Process(const std::vector<std::string>& command, const std::string& log, int input = -1);
  // The process writes to the descriptor `output`, which the caller closes.
  Process(const std::vector<std::string>& command, int output);
  ~Process();  // sends SIGTERM, then SIGKILL if it does not end
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return id_; }
  // Waits for its end. Returns the exit status, or -1 when a signal ended it.
  int wait();

 private:
  pid_t id_ = 0;
  bool ended_ = false;
};

// Returns its standard output. When it fails, throws std::runtime_error with the text of both streams.
std::string outputOf(const std::vector<std::string>& command);

}  // namespace taskqueue::bench
