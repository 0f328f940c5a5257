#include "tests/integration/stack_test.h"

#include <curl/curl.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "tests/support/invariant_checker.h"
#include "tests/support/smtp_server.h"
#include "tests/support/worker_processes.h"

namespace taskqueue::tests {
namespace {

constexpr int kPort = 18080;

constexpr const char* kLocalSettings = R"([retry]
delay_seconds=1
[runner]
drain_seconds=1
kill_grace_seconds=1
flush_milliseconds=100
plugins_directory=/srv/taskqueue-test/plugins
[handler.Shell]
command=/srv/taskqueue-test/shell.sh
[handler.Stubborn]
command=/srv/taskqueue-test/stubborn.sh
[handler.Missing]
command=/srv/taskqueue-test/missing.sh
[handler.NotExecutable]
command=/srv/taskqueue-test/local.ini
[handler.Odd]
command=/srv/taskqueue-test/odd.sh
[handler.Limited]
command=/srv/taskqueue-test/limited.sh
memory_bytes=200000000
cpu_seconds=1
file_bytes=1000000
retry_after_seconds=1
environment=COLOUR=blue "WORDS=two words"
[worker.php]
command=/usr/bin/php -d memory_limit=64M /srv/taskqueue-test/program/share/taskqueue/php/worker.php --bootstrap=/srv/taskqueue-test/handlers/handlers.php --recycle-runs=20
[worker.bridges]
command=/usr/bin/php /srv/taskqueue-test/program/share/taskqueue/php/worker.php --bootstrap=/srv/taskqueue-test/handlers/bridges/bootstrap.php
[product_import]
chunk_rows=20
[webhook]
private_targets=1
[web]
cms_events=*
)";

std::unique_ptr<Stack> theStack;

class StackEnvironment : public ::testing::Environment {
 public:
  void SetUp() override {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const std::string mailServer = "[smtp]\nurl=" + test_support::SharedSmtpServer().url() +
                                   "\nrequire_tls=0\nfrom=\"Site <site@site.example>\"\n";
    theStack = std::make_unique<Stack>(kHome, kPort, kLocalSettings + mailServer);
  }
  void TearDown() override { theStack.reset(); }
};

const auto* const environment = ::testing::AddGlobalTestEnvironment(new StackEnvironment);

}  // namespace

bool isAlive(int pid) {
  return ::kill(pid, 0) == 0;
}

StackTest::StackTest() : log_(kHome + "/log") {}

Stack& StackTest::stack() {
  return *theStack;
}

void StackTest::TearDown() {
  EXPECT_TRUE(eventually(
      [] { return stack().api("GET", "runners").status == 200 && stack().runnerPids().size() >= 2; }, 30s));
  stack().database().close();  // a test may have killed its server
  for (const std::string& violation : test_support::checkInvariants(stack().database())) {
    ADD_FAILURE() << violation;
  }
  checkProcesses();
  for (const std::string& line : log_.unexpected()) ADD_FAILURE() << "unexpected in the log: " << line;
}

// Every run has ended by now, so the only workers left are those that living runners keep for further runs.
void StackTest::checkProcesses() {
  std::vector<test_support::WorkerProcess> left;
  const auto noneIsLeft = [&] {
    const std::vector<int> running = stack().runnerPids();
    left.clear();
    for (const test_support::WorkerProcess& worker : test_support::workersOf(stack().allRunnerPids())) {
      const bool itsRunnerLives =
          std::find(running.begin(), running.end(), worker.runnerPid) != running.end();
      const bool isKept = worker.command.find(" --worker ") != std::string::npos ||
                          worker.command.find("worker.php --bootstrap=") != std::string::npos;
      if (!itsRunnerLives || !isKept) left.push_back(worker);
    }
    return left.empty();
  };
  if (eventually(noneIsLeft, 3s)) return;
  for (const test_support::WorkerProcess& worker : left) {
    ADD_FAILURE() << "I9 a process is left behind: " << worker.pid << " " << worker.command;
  }
}

void StackTest::expectLoggedTrouble() {
  log_.expect("cannot be used now|a request failed|the lease cannot be renewed");
  log_.expect("upstream|connect\\(\\) ");                          // nginx
  log_.expect("Got error 'Could not get|Aborted|crash recovery");  // MariaDB
}

void StackTest::writeScript(const std::string& name, const std::string& text) {
  const std::string path = kHome + "/" + name;
  std::ofstream(path) << "#!/bin/sh\n" << text;
  std::filesystem::permissions(path, std::filesystem::perms(0755));
}

int StackTest::pidOfRunner(int taskRunnerId) {
  const auto answer = stack().api("GET", "runners");
  if (answer.status == 200) {
    for (const auto& runner : answer.json["Runners"].GetArray()) {
      if (runner["Id"].GetInt() == taskRunnerId) return runner["ProcessId"].GetInt();
    }
  }
  ADD_FAILURE() << "there is no runner " << taskRunnerId;
  return 0;
}

}  // namespace taskqueue::tests
