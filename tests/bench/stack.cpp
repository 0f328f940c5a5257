#include "tests/bench/stack.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "module/platform/random.h"
#include "module/platform/wake.h"
#include "module/store/migration.h"
#include "tests/bench/measurement.h"
#include "tests/support/eventually.h"

namespace taskqueue::bench {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using test_support::MariadbServer;

constexpr auto kStartLimit = 30s;
constexpr auto kStopLimit = 30s;

const store::TableNames& names() {
  static const store::TableNames kNames{"inp_", ""};
  return kNames;
}

std::string newDirectory() {
  std::string name = std::filesystem::temp_directory_path() / "taskqueue-bench-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
  std::filesystem::permissions(name, std::filesystem::perms(0755));
  return name;
}

}  // namespace

Process::Process(const std::vector<std::string>& command, const std::string& log, int input) {
  id_ = ::fork();
  if (id_ < 0) throw std::runtime_error("cannot fork");
  if (id_ > 0) return;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(input >= 0 ? input : ::open("/dev/null", O_RDONLY), STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::closefrom(3);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments.front(), arguments.data());
  ::_exit(127);
}

Process::~Process() {
  ::kill(id_, SIGTERM);
  const bool ended = eventually([&] { return ::waitpid(id_, nullptr, WNOHANG) == id_; }, kStopLimit);
  if (ended) return;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
}

Stack::Stack(const std::string& build)
    : directory_(newDirectory()), build_(build), server_(MariadbServer::Purpose::Measuring) {
  std::filesystem::copy_file(build_ + "/runner/task-runner", directory_ + "/task-runner");
  server_.createDatabase(kDatabase);
  const store::ConnectionSettings settings{
      .optionFile = server_.optionFile(), .database = kDatabase, .statementLimit = 600s};
  eye_ = std::make_unique<store::Connection>(settings, names());
  store::Migrator(*eye_).apply([](const store::Migration&) {});
  store_ = std::make_unique<store::MariaTaskStore>(
      settings, names(), [] { return platform::randomHex(16); }, [] { return 0.5; });
}

Stack::~Stack() {
  runners_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void Stack::empty() {
  for (const char* table : {"{TaskQueue}", "{TaskRuns}", "{TaskRunOutput}", "{TaskQueueRequests}"}) {
    eye_->queryText(names().expand(std::string("TRUNCATE TABLE ") + table));
  }
}

void Stack::fill(int tasks, const std::string& taskHandlerClass) {
  eye_->queryText(
      "INSERT INTO inp_TaskQueue (TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, NextRunOn) SELECT '" +
      taskHandlerClass + "', '{}', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), UNIX_TIMESTAMP() FROM seq_1_to_" +
      std::to_string(tasks));
  eye_->queryText("ANALYZE TABLE inp_TaskQueue, inp_TaskRuns");
}

std::int64_t Stack::unfinished() {
  return eye_->queryText("SELECT COUNT(*) FROM inp_TaskQueue WHERE LastStatus IN ('scheduled', 'running')")
      .at(0)
      .integer();
}

void Stack::waitUntilDone(std::chrono::seconds limit) {
  const std::string any = "SELECT 1 FROM inp_TaskQueue WHERE LastStatus IN ('scheduled', 'running') LIMIT 1";
  const auto deadline = Clock::now() + limit;
  while (!eye_->queryText(any).empty()) {
    if (Clock::now() > deadline)
      throw std::runtime_error(std::to_string(unfinished()) + " tasks are not done");
    std::this_thread::sleep_for(10ms);
  }
}

void Stack::writeConfiguration(const std::string& settings) {
  std::ofstream(directory_ + "/taskqueue.ini")
      << "[database]\noption_file=" << server_.optionFile() << "\nname=" << kDatabase
      << "\n[runner]\nprogram=" << directory_ << "/task-runner\nrun_directory=" << directory_
      << (::geteuid() == 0 ? "\nworker_user=nobody" : "") << "\n"
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

}  // namespace taskqueue::bench
