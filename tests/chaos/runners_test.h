// Real runners on their own database, with commands that report what they do. One function checks what they
// leave behind.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "module/store/maria_store.h"

namespace taskqueue::chaos {

// One task-runner process and its successors.
class RunnerProcess {
 public:
  // Starts the process. `environment` holds NAME=value, for the first process only.
  explicit RunnerProcess(const std::string& directory, const std::vector<std::string>& environment = {});

  void start(const std::vector<std::string>& environment = {});
  void killAndRestart();
  // Restarts it when it has ended by itself, as supervisord does.
  void keepAlive();
  // Tells whether the process has ended, without restarting it.
  bool hasEnded();
  // Sends SIGTERM. Returns the exit status, or -1 when a signal ended it.
  int stop();
  int lastStatus() const { return lastStatus_; }
  int pid() const { return pid_; }
  const std::vector<int>& pids() const { return pids_; }

 private:
  std::string program_;
  std::string configuration_;
  std::string log_;
  int pid_ = 0;
  int lastStatus_ = 0;     // as seen by stop()
  std::vector<int> pids_;  // of all its processes
};

class RunnersTest : public ::testing::Test {
 protected:
  // `settings` are lines for the section [runner] and further sections.
  explicit RunnersTest(const std::string& database, const std::string& settings = "");
  ~RunnersTest() override;

  // Enqueues the tasks. Returns false when the database was down; they are then not counted.
  bool enqueue(const std::vector<NewTask>& tasks);
  std::int64_t count(const std::string& where);
  bool waitForHandlers();
  // Waits until the runner has registered: from then on SIGTERM stops it cleanly.
  bool waitForRow(const RunnerProcess& runner);

  // Waits until every task has succeeded; a failure prints the log.
  void expectAllToSucceed(const std::function<void()>& meanwhile, std::chrono::seconds limit);
  // Checks that each task has succeeded exactly once, no acknowledged one is missing, no execution overlapped
  // a later one, no invariant is broken, and no process of these runners is left.
  void expectAllIsWell(const std::vector<int>& pidsOfRunners);

  // Writes a handler's program; @LOG@ stands for the file of effects, @DIRECTORY@ for our directory.
  void writeCommand(const std::string& name, std::string text);
  std::string logText() const;
  const std::string& directory() const { return directory_; }
  store::Connection& eye() { return eye_; }
  store::MariaStore& store() { return store_; }
  int acknowledged() const { return acknowledged_; }

 private:
  void writeFiles(const std::string& database, const std::string& settings);
  void expectNoOverlap();

  std::string directory_;
  store::Connection eye_;
  store::MariaStore store_;
  int acknowledged_ = 0;
};

}  // namespace taskqueue::chaos
