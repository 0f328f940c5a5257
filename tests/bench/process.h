// A process of the benchmark, ended with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace taskqueue::bench {

class Process {
 public:
  // `input` becomes its standard input; -1: /dev/null. What it says is added to the file `log`.
  Process(const std::vector<std::string>& command, const std::string& log, int input = -1);
  // It writes to the descriptor `output`, which stays the caller's to close.
  Process(const std::vector<std::string>& command, int output);
  ~Process();  // SIGTERM, and SIGKILL when that does not help
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return id_; }
  // Waits for its end; its exit status, or -1 when a signal ended it.
  int wait();

 private:
  pid_t id_ = 0;
  bool ended_ = false;
};

// What it writes to standard output. Throws std::runtime_error, with what it wrote to both, when it fails.
std::string outputOf(const std::vector<std::string>& command);

}  // namespace taskqueue::bench
