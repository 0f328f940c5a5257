// A private MariaDB server for tests: own data directory, unix socket, no TCP. It ends with the test program
// and leaves nothing behind. Without mariadbd the tests fail; they are not skipped.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace taskqueue::test_support {

class MariadbServer {
 public:
  // Tests: small, in memory if there is space. Measuring: on a disk, as on a real site.
  enum class Purpose { Tests, Measuring };

  // Creates the data directory, starts the server and waits until it answers. Throws std::runtime_error.
  // `options` follow the default options on the command line, and so override them.
  explicit MariadbServer(Purpose purpose = Purpose::Tests, std::vector<std::string> options = {});
  ~MariadbServer();
  MariadbServer(const MariadbServer&) = delete;
  MariadbServer& operator=(const MariadbServer&) = delete;

  // Path of an option file for ConnectionSettings: [client] with socket and user.
  std::string optionFile() const { return (directory_ / "client.cnf").string(); }
  // The same for another user, who has no password.
  std::string optionFileFor(const std::string& user) const;
  std::string socket() const { return (directory_ / "mariadb.sock").string(); }

  // Creates an empty database, and first drops an existing one of this name.
  void createDatabase(const std::string& name, const std::string& charset = "utf8mb4");

  // Sends SIGKILL, which resembles a power failure.
  void kill();
  // Stops it cleanly.
  void stop();
  // Restarts it on the same data and waits until it answers.
  void start();

  pid_t processId() const { return server_; }

 private:
  void install();
  void remove();
  void runStatements(const std::string& sql);
  std::string findConnectingProblem() const;  // empty: the server answers
  std::string logTail() const;
  pid_t spawn(const std::vector<std::string>& command, const std::string& outputName) const;
  int waitForEnd(pid_t process) const;

  Purpose purpose_;
  std::vector<std::string> options_;
  std::filesystem::path directory_;
  pid_t server_ = 0;
};

}  // namespace taskqueue::test_support
