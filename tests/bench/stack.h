// The measured stack: a private MariaDB server that flushes every commit to disk, real runners, and the real
// FastCGI program behind nginx with the shipped site snippet.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "module/store/maria_store.h"
#include "tests/bench/bare_connection.h"
#include "tests/bench/process.h"
#include "tests/support/mariadb_server.h"

namespace taskqueue::bench {

class Stack {
 public:
  // `build` is the build directory with the programs, `checkout` the source directory. Throws
  // std::runtime_error.
  Stack(std::string build, std::string checkout);
  ~Stack();

  static constexpr const char* kDatabase = "bench";

  store::MariaStore& store() { return *store_; }
  store::Connection& eye() { return *eye_; }
  pid_t server() const { return server_.processId(); }
  BareServer bare() const { return {server_.socket(), kDatabase}; }
  const std::string& checkout() const { return checkout_; }
  // The directory is world-readable.
  const std::string& directory() const { return directory_; }

  // Returns a separate store on a new database of the same server.
  std::unique_ptr<store::MariaStore> makeStore(const std::string& database);

  // Empties the tables, and purges their indexes.
  void empty();
  // Fills the queue `default` with tasks of this class and data, due now.
  void fill(int tasks, const std::string& taskHandlerClass, int priority = 5,
            const std::string& taskData = "{}");
  std::int64_t unfinished();
  void waitUntilDone(std::chrono::seconds limit);
  // Fills the empty queue with tasks that no runner may claim before resume().
  void fillPaused(int tasks, const std::string& taskHandlerClass, const std::string& taskData = "{}");
  void resume();
  // Makes all tasks due at once, and returns the tasks per second of the existing runners.
  double drain(int tasks, const std::string& taskHandlerClass, const std::string& taskData = "{}");

  // Starts this many runners; none may run before. They have registered when this returns. `settings` are
  // lines of [runner]; further sections may follow.
  void startRunners(int count, const std::string& settings = "");
  void stopRunners();
  const std::vector<std::unique_ptr<Process>>& runners() const { return runners_; }
  void wake();

  // Starts nginx, the FastCGI program and the bare one, which answers below kBarePath. A runner must have
  // announced the shipped handlers before.
  void startWeb();
  void stopWeb();
  int port() const;
  const Process& module() const { return *module_; }
  static constexpr const char* kPath = "/taskqueue/";
  static constexpr const char* kBarePath = "/bare/";
  // Headers of an API program, and of a user with all permissions.
  std::string apiHeader() const;
  std::string personHeader() const;

 private:
  store::ConnectionSettings settingsFor(const std::string& database) const;
  void writeConfiguration(const std::string& settings);
  void writeNginxConfiguration();
  std::string whoFile(const std::string& basePath) const;  // says who is asking, for the addresses below it
  std::string filledIn(const std::string& file, const std::string& basePath, const std::string& socket) const;

  std::string directory_;
  std::string build_;
  std::string checkout_;
  test_support::MariadbServer server_;
  std::unique_ptr<store::MariaStore> store_;
  std::int64_t lastId_ = 1;  // the largest task Id so far, plus one
  std::unique_ptr<store::Connection> eye_;
  std::vector<std::unique_ptr<Process>> runners_;
  int port_ = 0;
  std::unique_ptr<Process> module_;
  std::unique_ptr<Process> bareModule_;
  std::unique_ptr<Process> nginx_;
};

}  // namespace taskqueue::bench
