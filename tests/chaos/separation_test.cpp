// Handlers get no descriptor, no right and no secret of their runner. Another test covers a runner whose loop
// stands still.
#include <gmock/gmock.h>
#include <pwd.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "tests/chaos/runners_test.h"
#include "tests/support/eventually.h"
#include "tests/support/worker_processes.h"

namespace taskqueue::chaos {
namespace {

using namespace std::chrono_literals;
using test_support::eventually;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

// PHP hosts with and without --fork, and a command. Each handler sleeps until it is killed.
constexpr const char* kHosts =
    "[worker.php]\ncommand=/usr/bin/php @DIRECTORY@/php/worker.php --bootstrap=@DIRECTORY@/kept.php\n"
    "[worker.fork]\ncommand=/usr/bin/php @DIRECTORY@/php/worker.php --fork "
    "--bootstrap=@DIRECTORY@/forked.php\n"
    "[handler.Command]\ncommand=/bin/sleep 3600\n";

class HandlersWithoutDescriptors : public RunnersTest {
 protected:
  HandlersWithoutDescriptors() : RunnersTest("descriptors", kHosts) {
    for (const auto& [file, name] : {std::pair("kept.php", "Kept"), std::pair("forked.php", "Forked")}) {
      const std::string path = directory() + "/" + file;
      std::ofstream(path) << "<?php\nfinal class Waits implements TaskQueue\\ITaskHandler { public function "
                             "handleTaskRun(TaskQueue\\TaskRun $run) { sleep(3600); } }\nreturn ['"
                          << name
                          << "' => static function (): TaskQueue\\ITaskHandler { return new Waits(); }];\n";
      fs::permissions(path, fs::perms(0644));
    }
  }

  // Returns the names of the sockets and pipes that the process has open from this descriptor number on.
  static std::set<std::string> openIn(int pid, int from) {
    std::set<std::string> targets;
    std::error_code gone;
    for (const auto& entry : fs::directory_iterator("/proc/" + std::to_string(pid) + "/fd", gone)) {
      if (std::stoi(entry.path().filename()) < from) continue;
      const std::string target = fs::read_symlink(entry.path(), gone);
      if (target.starts_with("socket:") || target.starts_with("pipe:")) targets.insert(target);
    }
    return targets;
  }
};

TEST_F(HandlersWithoutDescriptors, NoWorkerOfAnyKindHasADescriptorOfItsRunner) {
  RunnerProcess runner(directory());
  for (const char* name : {"Kept", "Forked", "Command"}) {
    ASSERT_TRUE(eventually([&] { return store().handlers.findHandler(name).has_value(); }, 60s))
        << name << "\n"
        << logText();
    ASSERT_TRUE(enqueue({{.taskHandlerClass = name}}));
  }
  ASSERT_TRUE(enqueue({{.taskHandlerClass = "Echo", .taskData = R"({"sleep":3600})"}}));
  ASSERT_TRUE(eventually([&] { return count("LastStatus = 'running'") == 4; }, 60s)) << logText();
  std::set<std::string> commands;
  // The process of a forked run appears a moment after its run has begun.
  EXPECT_TRUE(eventually([&] { return test_support::workersOf(runner.pids()).size() >= 5; }, 10s));
  const auto ofRunner = openIn(runner.pid(), 3);
  EXPECT_GT(ofRunner.size(), 4U);
  constexpr int kFirstOfItsOwn = 4;  // lower numbers are the standard streams and the control socket
  for (const auto& worker : test_support::workersOf(runner.pids())) {
    commands.insert(worker.command);
    for (const std::string& target : openIn(worker.pid, kFirstOfItsOwn))
      EXPECT_FALSE(ofRunner.contains(target)) << worker.command << "has " << target;
  }
  EXPECT_GE(commands.size(), 4U) << "C++, PHP, PHP with --fork, command";
  eye().queryText("UPDATE inp_TaskQueue SET MaxRetries = 1");
  ::kill(runner.pid(), SIGKILL);
  EXPECT_TRUE(eventually([&] { return runner.hasEnded(); }, 10s));
}

class StandingLoop : public RunnersTest {
 protected:
  StandingLoop()
      : RunnersTest("standing_loop",
                    "lease_seconds=6\nheartbeat_milliseconds=500\n[handler.Talks]\ncommand=/bin/sh -c "
                    "\"echo hello; sleep 3\"\n") {
    std::ofstream(directory() + "/runner.ini", std::ios::app)
        << "[database]\nconnect_seconds=1\nstatement_seconds=1\n";
  }
};

// The failpoint blocks the loop's thread, as a handler could by making it wait for a socket.
TEST_F(StandingLoop, EndsTheHeartbeatThenTheRunnerAndPeersTakeItsRuns) {
  RunnerProcess stands(directory(), {"TASKQUEUE_FAILPOINT=read-output before 1 hang"});
  ASSERT_TRUE(waitForRow(stands));
  ASSERT_TRUE(enqueue({{.taskHandlerClass = "Talks"}}));
  const int id = eye().queryText("SELECT MAX(Id) FROM inp_TaskQueue").at(0).number();
  ASSERT_TRUE(eventually([&] { return count("LastStatus = 'running'") == 1; }, 20s)) << logText();
  const auto since = std::chrono::steady_clock::now();
  RunnerProcess peer(directory());
  const auto hasSaidSo = [&] {
    return logText().find("the runner's loop stands still") != std::string::npos;
  };
  EXPECT_TRUE(eventually(hasSaidSo, 6s)) << logText();
  EXPECT_TRUE(eventually([&] { return stands.hasEnded(); }, 6s)) << "its lease was renewed for ever\n"
                                                                 << logText();
  const auto after =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - since);
  EXPECT_THAT(test_support::workersOf(stands.pids()), IsEmpty());
  EXPECT_TRUE(eventually([&] { return count("LastStatus = 'success'") == 1; }, 20s)) << logText();
  EXPECT_EQ(store().tasks.runsOfTask(id).size(), 2U);
  EXPECT_EQ(peer.stop(), 0);
  std::cout << "ended " << after.count() << " ms after its loop stood still, with a lease of 6 s"
            << std::endl;
}

// Prints the user, and which files of the configuration this handler can read.
constexpr const char* kPeek = R"(#!/bin/sh
for file in @DIRECTORY@/account.cnf @DIRECTORY@/runner.ini /proc/$PPID/environ; do
  if cat $file > /dev/null 2>&1; then read="$read $file"; fi
done
echo here > here || read="$read no-directory"
echo "{\"type\":\"result\",\"Results\":{\"user\":\"$(id -un)\",\"groups\":\"$(id -G)\",\"read\":\"$read\"}}" >&3
)";

class HandlerUser : public RunnersTest {
 protected:
  HandlerUser() : RunnersTest("handler_user", kSettings) {
    writeCommand("peek.sh", kPeek);
    const std::string code = directory() + "/peek.php";
    std::ofstream(code)
        << "<?php\nfinal class PeekPhp implements TaskQueue\\ITaskHandler { public function "
           "handleTaskRun(TaskQueue\\TaskRun $run) {\n"
           "  $read = ''; foreach (['account.cnf', 'runner.ini'] as $file) {\n"
           "    if (@file_get_contents('"
        << directory()
        << "/' . $file) !== false) { $read .= \" $file\"; } }\n"
           "  return ['user' => posix_getpwuid(posix_geteuid())['name'], 'read' => $read]; } }\n"
           "return [PeekPhp::class];\n";
    fs::permissions(code, fs::perms(0644));
    separate();
  }

  // Runs the runner as root, the shipped handlers as www-data, and the handlers of the site as the user
  // "nobody".
  void separate() {
    const passwd* shipped = ::getpwnam("www-data");
    ASSERT_EQ(::geteuid(), 0U) << "this test wants root";
    ASSERT_NE(shipped, nullptr);
    std::ostringstream settings;
    std::ifstream before(directory() + "/runner.ini");
    for (std::string line; std::getline(before, line);) {
      if (line.starts_with("option_file=")) {
        fs::copy_file(line.substr(line.find('=') + 1), directory() + "/account.cnf");
        line = "option_file=" + directory() + "/account.cnf";
      } else if (line.starts_with("worker_user=")) {
        line = "worker_user=www-data\nhandler_user=nobody";
      } else if (line.starts_with("run_directory=")) {
        line = "run_directory=" + directory() + "/run";
      }
      settings << line << "\n";
    }
    std::ofstream(directory() + "/runner.ini") << settings.str();
    for (const char* secret : {"/account.cnf", "/runner.ini"}) {
      ASSERT_EQ(::chown((directory() + secret).c_str(), shipped->pw_uid, shipped->pw_gid), 0);
      fs::permissions(directory() + secret, fs::perms(0400));
    }
    // nginx/serve makes the directory with the same owner and mode.
    fs::create_directory(directory() + "/run");
    ASSERT_EQ(::chown((directory() + "/run").c_str(), shipped->pw_uid, shipped->pw_gid), 0);
    fs::permissions(directory() + "/run", fs::perms(0751));
  }

  std::string resultsOf(const std::string& name) {
    EXPECT_TRUE(enqueue({{.taskHandlerClass = name, .maxRetries = 1}}));
    const std::string id = eye().queryText("SELECT MAX(Id) FROM inp_TaskQueue").at(0).text();
    EXPECT_TRUE(eventually([&] { return count("LastStatus = 'success' AND Id = " + id) == 1; }, 60s))
        << logText();
    return eye()
        .queryText("SELECT Results FROM inp_TaskRuns WHERE Status = 'success' AND TaskQueueId = " + id)
        .at(0)
        .text();
  }

  static constexpr const char* kSettings =
      "[worker.php]\ncommand=/usr/bin/php @DIRECTORY@/php/worker.php --bootstrap=@DIRECTORY@/peek.php\n"
      "[handler.Peek]\ncommand=@DIRECTORY@/peek.sh\n[handler.PeekAsOther]\ncommand=@DIRECTORY@/"
      "peek.sh\nuser=games\n";
};

TEST_F(HandlerUser, OfASiteReadsNoSecretAndTheHandlersThatShipWork) {
  RunnerProcess runner(directory());
  ASSERT_TRUE(waitForRow(runner)) << logText();
  ASSERT_TRUE(eventually([&] { return store().handlers.findHandler("PeekPhp").has_value(); }, 60s))
      << logText();
  EXPECT_THAT(resultsOf("Peek"), HasSubstr(R"("user":"nobody","groups":"65534","read":"")"));
  EXPECT_THAT(resultsOf("PeekAsOther"), HasSubstr(R"("user":"games","groups":"60","read":"")"));
  EXPECT_THAT(resultsOf("PeekPhp"), HasSubstr(R"("user":"nobody","read":"")"));
  ASSERT_TRUE(enqueue({{.taskHandlerClass = "Noop"}}));
  EXPECT_TRUE(eventually([&] { return count("LastStatus <> 'success'") == 0; }, 60s)) << logText();

  // The owner of the run directory, not root, wakes runners and rescues their runs.
  struct stat socket {};
  const std::string wake = directory() + "/run/runner-" + std::to_string(runner.pid()) + ".wake";
  ASSERT_EQ(::stat(wake.c_str(), &socket), 0);
  EXPECT_EQ(socket.st_uid, ::getpwnam("www-data")->pw_uid);
  EXPECT_EQ(socket.st_mode & 07777, 0660U);
  EXPECT_TRUE(eventually([&] { return fs::is_empty(directory() + "/run/work"); }, 10s))
      << "a directory was left";
  EXPECT_EQ(runner.stop(), 0) << logText();
}

}  // namespace
}  // namespace taskqueue::chaos
