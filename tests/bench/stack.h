// The stack that is measured: a MariaDB server of its own that flushes every commit to a disk, and real
// runners.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "module/store/maria_task_store.h"
#include "tests/support/mariadb_server.h"

namespace taskqueue::bench {

// A process of ours, ended with it.
class Process {
 public:
  // `input` becomes its standard input; -1: /dev/null.
  Process(const std::vector<std::string>& command, const std::string& log, int input = -1);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t id() const { return id_; }

 private:
  pid_t id_ = 0;
};

class Stack {
 public:
  // `build` is the build directory with the programs. Throws std::runtime_error.
  explicit Stack(const std::string& build);
  ~Stack();

  static constexpr const char* kDatabase = "bench";

  test_support::MariadbServer& server() { return server_; }
  store::MariaTaskStore& store() { return *store_; }
  store::Connection& eye() { return *eye_; }
  const std::string& directory() const { return directory_; }

  // Makes the tables empty, also of their indexes' leftovers.
  void empty();
  // Fills the queue `default` with tasks of this class, due now.
  void fill(int tasks, const std::string& taskHandlerClass);
  std::int64_t unfinished();
  void waitUntilDone(std::chrono::seconds limit);

  // Starts so many runners, none before: they have registered when this returns. `settings` are lines of
  // [runner].
  void startRunners(int count, const std::string& settings = "");
  void stopRunners();
  const std::vector<std::unique_ptr<Process>>& runners() const { return runners_; }
  void wake();

 private:
  void writeConfiguration(const std::string& settings);

  std::string directory_;
  std::string build_;
  test_support::MariadbServer server_;
  std::unique_ptr<store::MariaTaskStore> store_;
  std::unique_ptr<store::Connection> eye_;
  std::vector<std::unique_ptr<Process>> runners_;
};

}  // namespace taskqueue::bench
