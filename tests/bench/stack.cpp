#include "tests/bench/stack.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "module/platform/random.h"
#include "module/platform/secret.h"
#include "module/platform/wake.h"
#include "module/store/migration.h"
#include "tests/bench/http_load.h"
#include "tests/bench/measurement.h"
#include "tests/support/eventually.h"

namespace taskqueue::bench {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using test_support::MariadbServer;
namespace fs = std::filesystem;

constexpr auto kStartLimit = 30s;
constexpr auto kDrainLimit = 1200s;
constexpr int kWebThreads = 64;
constexpr int kBacklog = 511;  // length of the accept queue
constexpr const char* kApiToken = "bench";
constexpr const char* kNginxSecret = "bench nginx";
constexpr const char* kAdminWord = "YWRtaW46YmVuY2g=";  // admin:bench

const store::TableNames& names() {
  static const store::TableNames kNames{"inp_", ""};
  return kNames;
}

std::string newDirectory() {
  std::string name = fs::temp_directory_path() / "taskqueue-bench-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
  fs::permissions(name, fs::perms(0755));
  return name;
}

std::string contentOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

void replaceAll(std::string& text, const std::string& word, const std::string& with) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + with.size())) {
    text.replace(at, word.size(), with);
  }
}

int freePort() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool found = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0 &&
                     ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(socket);
  if (!found) throw std::runtime_error("there is no free port");
  return ntohs(address.sin_port);
}

// Listens on a world-accessible unix socket, as supervisord does for an [fcgi-program].
std::unique_ptr<Process> startFastCgi(const std::vector<std::string>& command, const std::string& log,
                                      const std::string& path) {
  ::unlink(path.c_str());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const bool listens = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
                       ::listen(socket, kBacklog) == 0;
  if (!listens) throw std::runtime_error("cannot listen on " + path);
  fs::permissions(path, fs::perms(0666));
  auto process = std::make_unique<Process>(command, log, socket);
  ::close(socket);
  return process;
}

}  // namespace

Stack::Stack(std::string build, std::string checkout)
    : directory_(newDirectory()),
      build_(std::move(build)),
      checkout_(std::move(checkout)),
      server_(MariadbServer::Purpose::Measuring) {
  fs::copy_file(build_ + "/runner/task-runner", directory_ + "/task-runner");
  fs::create_directory(directory_ + "/plugins");
  fs::copy_file(build_ + "/tests/stamp.so", directory_ + "/plugins/stamp.so");
  fs::copy(checkout_ + "/module/php", directory_ + "/php", fs::copy_options::recursive);
  fs::copy(checkout_ + "/tests/bench/php", directory_ + "/bench-php", fs::copy_options::recursive);
  server_.createDatabase(kDatabase);
  eye_ = std::make_unique<store::Connection>(settingsFor(kDatabase), names());
  store_ = makeStore(kDatabase);
}

Stack::~Stack() {
  stopWeb();
  stopRunners();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

store::ConnectionSettings Stack::settingsFor(const std::string& database) const {
  return {.optionFile = server_.optionFile(), .database = database, .statementLimit = 600s};
}

std::unique_ptr<store::MariaStore> Stack::makeStore(const std::string& database) {
  if (database != kDatabase) server_.createDatabase(database);
  store::Connection connection(settingsFor(database), names());
  store::Migrator(connection).apply([](const store::Migration&) {});
  return std::make_unique<store::MariaStore>(
      settingsFor(database), names(), [] { return platform::randomHex(16); }, [] { return 0.5; });
}

// Ids continue as on a real site, because claims start from the claim cursor.
void Stack::empty() {
  const auto next = eye_->queryText("SELECT COALESCE(MAX(Id), 0) + 1 FROM inp_TaskQueue").at(0).integer();
  lastId_ = std::max(lastId_, next);
  for (const char* table : {"{TaskQueue}", "{TaskRuns}", "{TaskRunOutput}", "{TaskQueueRequests}"}) {
    eye_->queryText(names().expand(std::string("TRUNCATE TABLE ") + table));
  }
  eye_->queryText("ALTER TABLE inp_TaskQueue AUTO_INCREMENT = " + std::to_string(lastId_));
}

void Stack::fill(int tasks, const std::string& taskHandlerClass, int priority, const std::string& taskData) {
  eye_->queryText(
      "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, NextRunOn, Priority) "
      "SELECT '" +
      taskHandlerClass + "', '" + taskData + "', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), " +
      std::to_string(priority) + " FROM seq_1_to_" + std::to_string(tasks));
  eye_->queryText("ANALYZE TABLE inp_TaskQueue, inp_TaskRuns");
}

std::int64_t Stack::unfinished() {
  return eye_->queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE LastStatus IN ('scheduled', 'running')")
      .at(0)
      .integer();
}

// Polls only the last task until it is done. The index on LastStatus is full of entries that are not purged
// yet, and reading them would slow down the measured work.
void Stack::waitUntilDone(std::chrono::seconds limit) {
  const std::string last =
      "SELECT 1 FROM inp_TaskQueue WHERE Id = (SELECT MAX(Id) FROM inp_TaskQueue) AND LastStatus IN "
      "('scheduled', 'running')";
  const std::string any = "SELECT 1 FROM inp_TaskQueue WHERE LastStatus IN ('scheduled', 'running') LIMIT 1";
  const auto deadline = Clock::now() + limit;
  while (!eye_->queryText(last).empty() || !eye_->queryText(any).empty()) {
    if (Clock::now() > deadline)
      throw std::runtime_error(std::to_string(unfinished()) + " tasks are not done");
    std::this_thread::sleep_for(10ms);
  }
}

void Stack::fillPaused(int tasks, const std::string& taskHandlerClass, const std::string& taskData) {
  empty();
  store_->handlers.setPaused(PauseKind::Queue, "default", true, 0);
  fill(tasks, taskHandlerClass, 5, taskData);
}

void Stack::resume() {
  store_->handlers.setPaused(PauseKind::Queue, "default", false, 0);
  wake();
}

double Stack::drain(int tasks, const std::string& taskHandlerClass, const std::string& taskData) {
  fillPaused(tasks, taskHandlerClass, taskData);
  const auto start = Clock::now();
  resume();
  waitUntilDone(kDrainLimit);
  return tasks / secondsSince(start);
}

void Stack::writeConfiguration(const std::string& settings) {
  std::ofstream(directory_ + "/taskqueue.ini")
      << "[database]\noption_file=" << server_.optionFile() << "\nname=" << kDatabase
      << "\n[web]\nbase_path=" << kPath << "\ntemplates_directory=" << directory_
      << "/templates\nthreads=" << kWebThreads << "\napi_token_sha256=" << platform::sha256Hex(kApiToken)
      << "\nnginx_secret_sha256=" << platform::sha256Hex(kNginxSecret) << "\n[runner]\nprogram=" << directory_
      << "/task-runner\nrun_directory=" << directory_ << (::geteuid() == 0 ? "\nworker_user=nobody" : "")
      << "\n"
      << settings << "\n";
}

void Stack::startRunners(int count, const std::string& settings) {
  stopRunners();
  eye_->queryText("DELETE FROM inp_TaskRunners");
  writeConfiguration(settings);
  for (int i = 0; i < count; ++i) {
    runners_.push_back(std::make_unique<Process>(
        std::vector<std::string>{directory_ + "/task-runner", "--config", directory_ + "/taskqueue.ini"},
        directory_ + "/runner.log"));
  }
  const bool started = eventually(
      [&] {
        return eye_->queryText("SELECT COUNT(*) FROM inp_TaskRunners WHERE Status = 'running'")
                   .at(0)
                   .integer() == count;
      },
      kStartLimit);
  if (!started) throw std::runtime_error("the runners do not start; see " + directory_ + "/runner.log");
}

void Stack::stopRunners() {
  runners_.clear();
}

void Stack::wake() {
  platform::wakeRunners(directory_);
}

int Stack::port() const {
  return port_;
}

std::string Stack::apiHeader() const {
  return std::string("Authorization: Bearer ") + kApiToken + "\r\n";
}

std::string Stack::personHeader() const {
  return std::string("Authorization: Basic ") + kAdminWord + "\r\n";
}

std::string Stack::whoFile(const std::string& basePath) const {
  return directory_ + "/nginx/who" + (basePath == kBarePath ? "-bare" : "") + ".conf";
}

std::string Stack::filledIn(const std::string& file, const std::string& basePath,
                            const std::string& socket) const {
  std::string text = contentOf(checkout_ + "/nginx/" + file);
  replaceAll(text, "@BASE_PATH@", basePath);
  replaceAll(text, "@SOCKET@", socket);
  replaceAll(text, "@HOME@", directory_);
  replaceAll(text, "@PORT@", std::to_string(port_));
  replaceAll(text, "@STATIC@", directory_ + "/templates/static/");
  replaceAll(text, "@NGINX_SECRET@", directory_ + "/nginx/taskqueue-secret.conf");
  replaceAll(text, "@HTPASSWD@", directory_ + "/nginx/htpasswd");
  replaceAll(text, "@WHO@", whoFile(basePath));
  return text;
}

void Stack::writeNginxConfiguration() {
  fs::create_directories(directory_ + "/nginx/temp");
  fs::create_directories(directory_ + "/log");
  std::string server = filledIn("nginx.conf.template", kPath, "");
  const std::string snippet = "include " + directory_ + "/nginx/taskqueue.conf;";
  replaceAll(server, snippet, snippet + " include " + directory_ + "/nginx/bare.conf;");
  std::ofstream(directory_ + "/nginx/nginx.conf") << server;
  for (const char* path : {kPath, kBarePath})
    std::ofstream(whoFile(path)) << filledIn("taskqueue-basic-auth.conf.template", path, "");
  std::ofstream(directory_ + "/nginx/taskqueue.conf")
      << filledIn("taskqueue.conf.template", kPath, directory_ + "/module.sock");
  std::ofstream(directory_ + "/nginx/bare.conf")
      << filledIn("taskqueue.conf.template", kBarePath, directory_ + "/bare.sock");
  fs::copy_file(checkout_ + "/nginx/taskqueue-http.conf", directory_ + "/nginx/taskqueue-http.conf",
                fs::copy_options::overwrite_existing);
  fs::copy_file(checkout_ + "/nginx/taskqueue-roles.conf", directory_ + "/nginx/taskqueue-roles.conf",
                fs::copy_options::overwrite_existing);
  std::ofstream(directory_ + "/nginx/taskqueue-secret.conf")
      << "fastcgi_param TASKQUEUE_SECRET \"" << kNginxSecret << "\";\n";
  std::ofstream(directory_ + "/nginx/htpasswd") << "admin:{PLAIN}bench\n";
}

void Stack::startWeb() {
  if (nginx_) return;
  if (!fs::exists(directory_ + "/templates")) {
    fs::copy(checkout_ + "/templates", directory_ + "/templates", fs::copy_options::recursive);
    fs::copy(build_ + "/locale", directory_ + "/templates/locale",
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  if (runners_.empty()) {
    startRunners(1);
    stopRunners();
  }
  port_ = freePort();
  writeNginxConfiguration();
  module_ = startFastCgi({build_ + "/module/taskqueue-fcgi", "--config", directory_ + "/taskqueue.ini"},
                         directory_ + "/module.log", directory_ + "/module.sock");
  bareModule_ = startFastCgi(
      {build_ + "/tests/bench-bare-insert", server_.socket(), kDatabase, std::to_string(kWebThreads)},
      directory_ + "/bare.log", directory_ + "/bare.sock");
  nginx_ = std::make_unique<Process>(
      std::vector<std::string>{"nginx", "-e", "stderr", "-c", directory_ + "/nginx/nginx.conf"},
      directory_ + "/nginx.log");
  const bool answers = eventually(
      [&] {
        try {
          HttpLoad(port_).run(1, 1, httpGet(std::string(kPath) + "healthz"), 200);
          return true;
        } catch (const std::runtime_error&) {
          return false;
        }
      },
      kStartLimit);
  if (!answers) throw std::runtime_error("nginx does not answer:\n" + contentOf(directory_ + "/nginx.log"));
}

void Stack::stopWeb() {
  nginx_.reset();
  bareModule_.reset();
  module_.reset();
}

}  // namespace taskqueue::bench
