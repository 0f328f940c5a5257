#include "tests/support/mariadb_server.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "module/store/database/connection.h"
#include "tests/support/eventually.h"

namespace taskqueue::test_support {
namespace {

constexpr std::chrono::seconds kStartLimit{30};
constexpr std::chrono::seconds kStopLimit{30};

bool isRoot() {
  return ::geteuid() == 0;
}

// mariadbd refuses to run as root. The child drops root itself, because the server's option --user would
// clear its parent-death signal.
const passwd* mysqlUser() {
  const passwd* user = ::getpwnam("mysql");
  if (user == nullptr) throw std::runtime_error("there is no user mysql: install mariadb-server");
  return user;
}

// The data goes to memory if there is space: the server flushes as always, but the tests need not wait for a
// disk.
std::filesystem::path parentDirectory() {
  constexpr std::uintmax_t kRoom = 2ULL << 30;
  const std::filesystem::path memory = "/dev/shm";
  std::error_code error;
  const bool fits = std::filesystem::space(memory, error).available >= kRoom && !error;
  return fits ? memory : std::filesystem::temp_directory_path();
}

const std::string kDirectoryName = "taskqueue-test-";

// A killed test program takes its server along but leaves the data. The directory's name contains the
// program's PID.
void removeLeftovers() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(parentDirectory(), error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kDirectoryName)) continue;
    const int owner = std::atoi(name.c_str() + kDirectoryName.size());
    const bool ownerIsGone = owner > 0 && ::kill(owner, 0) != 0 && errno == ESRCH;
    std::error_code ignored;
    if (ownerIsGone) std::filesystem::remove_all(entry.path(), ignored);
  }
}

std::string programNamed(const std::string& name) {
  for (const char* directory : {"/usr/sbin/", "/usr/bin/", "/usr/local/sbin/", "/usr/local/bin/"}) {
    if (::access((directory + name).c_str(), X_OK) == 0) return directory + name;
  }
  throw std::runtime_error("there is no " + name + ": install mariadb-server");
}

[[noreturn]] void becomeProgram(const std::vector<std::string>& command, const std::string& outputPath,
                                const passwd* user) {
  const int output = ::open(outputPath.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  const int nothing = ::open("/dev/null", O_RDONLY);
  ::dup2(nothing, 0);
  ::dup2(output, 1);
  ::dup2(output, 2);
  ::closefrom(3);
  ::setpgid(0, 0);
  const bool dropped = user == nullptr || (::initgroups(user->pw_name, user->pw_gid) == 0 &&
                                           ::setgid(user->pw_gid) == 0 && ::setuid(user->pw_uid) == 0);
  if (!dropped) ::_exit(126);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

}  // namespace

MariadbServer::MariadbServer(Purpose purpose, std::vector<std::string> options)
    : purpose_(purpose), options_(std::move(options)) {
  removeLeftovers();
  const auto parent = purpose_ == Purpose::Tests ? parentDirectory() : std::filesystem::temp_directory_path();
  const std::string pattern = (parent / (kDirectoryName + std::to_string(::getpid()) + "-XXXXXX")).string();
  std::vector<char> name(pattern.begin(), pattern.end());
  name.push_back('\0');
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory for MariaDB");
  directory_ = name.data();
  try {
    if (isRoot() && ::chown(name.data(), mysqlUser()->pw_uid, mysqlUser()->pw_gid) != 0) {
      throw std::runtime_error("cannot give the data directory to the user mysql");
    }
    std::ofstream(optionFile()) << "[client]\nsocket=" << socket() << "\nuser=root\n";
    install();
    start();
  } catch (...) {
    remove();
    throw;
  }
}

std::string MariadbServer::optionFileFor(const std::string& user) const {
  const std::string path = (directory_ / (user + ".cnf")).string();
  std::ofstream(path) << "[client]\nsocket=" << socket() << "\nuser=" << user << "\n";
  return path;
}

MariadbServer::~MariadbServer() {
  remove();
}

void MariadbServer::remove() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void MariadbServer::install() {
  const std::string data = "--datadir=" + (directory_ / "data").string();
  const pid_t installer = spawn(
      {programNamed("mariadb-install-db"), "--no-defaults", data, "--auth-root-authentication-method=normal",
       "--skip-test-db", "--force", "--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=32M"},
      "install.log");
  if (waitForEnd(installer) != 0) throw std::runtime_error("mariadb-install-db failed:\n" + logTail());
}

// The server gets its own temporary directory. A starting server deletes there what it takes for its
// leftovers, including files of another running server.
void MariadbServer::start() {
  std::vector<std::string> command{
      programNamed("mariadbd"),
      "--no-defaults",
      "--datadir=" + (directory_ / "data").string(),
      "--socket=" + socket(),
      "--pid-file=" + (directory_ / "mariadb.pid").string(),
      "--skip-networking",
      "--tmpdir=" + directory_.string(),
      "--skip-name-resolve",
      "--innodb-flush-log-at-trx-commit=1",
      purpose_ == Purpose::Tests ? "--innodb-buffer-pool-size=64M" : "--innodb-buffer-pool-size=1G",
      purpose_ == Purpose::Tests ? "--innodb-log-file-size=32M" : "--innodb-log-file-size=1G",
      "--performance-schema=OFF",
      "--skip-log-bin",
      "--max-connections=300"};
  command.insert(command.end(), options_.begin(), options_.end());
  server_ = spawn(command, "server.log");
  const auto ended = [&] {
    if (server_ != 0 && ::waitpid(server_, nullptr, WNOHANG) == server_) server_ = 0;
    return server_ == 0;
  };
  std::string problem;
  eventually([&] { return (problem = findConnectingProblem()).empty() || ended(); }, kStartLimit);
  if (!problem.empty()) throw std::runtime_error("mariadbd does not start: " + problem + "\n" + logTail());
}

void MariadbServer::kill() {
  if (server_ == 0) return;
  ::kill(server_, SIGKILL);
  waitForEnd(server_);
  server_ = 0;
}

void MariadbServer::stop() {
  if (server_ == 0) return;
  ::kill(server_, SIGTERM);
  const bool ended = eventually([&] { return ::waitpid(server_, nullptr, WNOHANG) == server_; }, kStopLimit);
  if (!ended) return kill();
  server_ = 0;
}

void MariadbServer::createDatabase(const std::string& name, const std::string& charset) {
  runStatements("DROP DATABASE IF EXISTS " + name);
  runStatements("CREATE DATABASE " + name + " CHARACTER SET " + charset);
}

void MariadbServer::runStatements(const std::string& sql) {
  store::Connection connection({.optionFile = optionFile(), .database = "mysql"}, {"", ""});
  connection.queryText(sql);
}

std::string MariadbServer::findConnectingProblem() const {
  try {
    store::Connection connection({.optionFile = optionFile(), .database = "mysql"}, {"", ""});
    connection.queryText("SELECT 1");
    return "";
  } catch (const StoreError& error) {
    return error.what();
  }
}

std::string MariadbServer::logTail() const {
  std::ostringstream text;
  for (const char* name : {"install.log", "server.log"}) {
    std::ifstream log(directory_ / name);
    text << log.rdbuf();
  }
  const std::string all = text.str();
  constexpr std::size_t kTail = 4000;
  return all.substr(all.size() - std::min(all.size(), kTail));
}

pid_t MariadbServer::spawn(const std::vector<std::string>& command, const std::string& outputName) const {
  const passwd* user = isRoot() ? mysqlUser() : nullptr;
  const std::string output = (directory_ / outputName).string();
  const pid_t process = ::fork();
  if (process < 0) throw std::runtime_error("cannot fork");
  if (process == 0) becomeProgram(command, output, user);
  return process;
}

int MariadbServer::waitForEnd(pid_t process) const {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace taskqueue::test_support
