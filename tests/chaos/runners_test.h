// Real runners on a database of their own, with commands that tell what they do. What they leave behind is
// checked in one place.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "module/store/maria_task_store.h"

namespace taskqueue::chaos {

// One task-runner process and those that took its place.
class RunnerProcess {
 public:
  // Starts it. `environment` holds NAME=value, for this first process only.
  explicit RunnerProcess(const std::string& directory, const std::vector<std::string>& environment = {});

  void start(const std::vector<std::string>& environment = {});
  void killAndRestart();
  // Starts it again when it has ended by itself, as supervisord does.
  void keepAlive();
  // Whether the process has ended; it is not started again.
  bool hasEnded();
  // SIGTERM; its exit status, or -1 when a signal ended it.
  int stop();
  int lastStatus() const { return lastStatus_; }
  int pid() const { return pid_; }
  const std::vector<int>& pids() const { return pids_; }

 private:
  std::string program_;
  std::string configuration_;
  std::string log_;
  int pid_ = 0;
  int lastStatus_ = 0;     // that stop() saw
  std::vector<int> pids_;  // all that it ever had
};

class RunnersTest : public ::testing::Test {
 protected:
  // `settings` are lines for the section [runner] and further sections.
  explicit RunnersTest(const std::string& database, const std::string& settings = "");
  ~RunnersTest() override;

  // Enqueues; false when the database was not there, and nothing is counted then.
  bool enqueue(const std::vector<NewTask>& tasks);
  std::int64_t count(const std::string& where);
  bool waitForHandlers();
  // Until the runner has registered: from then on it takes SIGTERM as a wish.
  bool waitForRow(const RunnerProcess& runner);

  // Every task has succeeded, or the log tells why not.
  void expectAllToSucceed(const std::function<void()>& meanwhile, std::chrono::seconds limit);
  // Each has succeeded exactly once, nothing acknowledged is missing, no execution of a task went on beside a
  // later one, no invariant is broken and no process of these runners is left.
  void expectAllIsWell(const std::vector<int>& pidsOfRunners);

  // A handler's program; @LOG@ and @DIRECTORY@ stand for the file of effects and our directory.
  void writeCommand(const std::string& name, std::string text);
  std::string logText() const;
  const std::string& directory() const { return directory_; }
  store::Connection& eye() { return eye_; }
  store::MariaTaskStore& store() { return store_; }
  int acknowledged() const { return acknowledged_; }

 private:
  void writeFiles(const std::string& database, const std::string& settings);
  void expectNoOverlap();

  std::string directory_;
  store::Connection eye_;
  store::MariaTaskStore store_;
  int acknowledged_ = 0;
};

}  // namespace taskqueue::chaos
