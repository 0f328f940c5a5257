// A private MariaDB server for tests: its own data directory, a unix socket, no TCP. It dies with the test
// program and leaves nothing behind. A machine without mariadbd fails the tests, it does not skip them.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace taskqueue::test_support {

class MariadbServer {
 public:
  // Tests: small, and in memory where there is room. Measuring: as a site would have it, on a disk.
  enum class Purpose { Tests, Measuring };

  // Makes the data directory, starts the server and waits until it answers. Throws std::runtime_error.
  // `options` of the command line come behind its own, and so count more.
  explicit MariadbServer(Purpose purpose = Purpose::Tests, std::vector<std::string> options = {});
  ~MariadbServer();
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  // An option file for ConnectionSettings, with [client] socket and user.
  std::string optionFile() const { return (directory_ / "client.cnf").string(); }
  // The same for another user, without a password.
  std::string optionFileFor(const std::string& user) const;
  std::string socket() const { return (directory_ / "mariadb.sock").string(); }

  // Makes an empty database; one of this name is dropped before.
  void createDatabase(const std::string& name, const std::string& charset = "utf8mb4");

  // SIGKILL, as the power failing would do it.
  void kill();
  // Stops it as an administrator would.
  void stop();
  // Starts it again on the same data and waits until it answers.
  void start();

  pid_t processId() const { return server_; }

 private:
  void install();
  void remove();
  void runStatements(const std::string& sql);
  std::string problemOfConnecting() const;  // empty: it answers
  std::string logTail() const;
  pid_t spawn(const std::vector<std::string>& command, const std::string& outputName) const;
  int waitForEnd(pid_t process) const;

  Purpose purpose_;
  std::vector<std::string> options_;
  std::filesystem::path directory_;
  pid_t server_ = 0;
};

}  // namespace taskqueue::test_support
