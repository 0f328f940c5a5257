// The two stores under contract, and changes to their rows from outside the queue.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "module/queue/store/stores.h"

namespace taskqueue::store {
class Connection;
}

namespace taskqueue::contract {

// A row of TaskQueue made by a plain INSERT of the CMS's own columns.
struct PlainRow {
  std::string taskHandlerClass = "Echo";
  std::string taskData = "{}";
  std::optional<UnixSeconds> scheduledOn;
  std::optional<UnixSeconds> queuedOn = kQueuedNow;
  std::string queue = kDefaultQueue;
  int priority = kDefaultPriority;
  std::string lastStatus = "scheduled";
  int maxRetries = kDefaultMaxRetries;
  int taskRunsFailed = 0;
  std::string title;
  std::string parkedReason;
  std::optional<UnixSeconds> nextRunOn = kUnscheduled;

  static constexpr UnixSeconds kQueuedNow = -1;
};

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;

  virtual Stores store() = 0;
  // Only the store over MariaDB has a connection.
  virtual store::Connection& connection() { throw std::logic_error("this store has no connection"); }
  virtual void advance(std::chrono::seconds by) = 0;

  // Changes that the CMS can make by plain SQL.
  virtual int insertRow(const PlainRow& row) = 0;
  virtual void putBackNextRunOn(int taskId, UnixSeconds nextRunOn) = 0;  // its editor restores an old row
  virtual void setMaxRetries(int taskId, int maxRetries) = 0;
  virtual void setRunStatus(int runId, RunStatus status) = 0;
  virtual void deleteTask(int taskId) = 0;
  virtual void putBackDeletedTask(int taskId) = 0;  // of class Echo, in its state while it ran
  virtual void setRunnerStatus(int runnerId, RunnerStatus status) = 0;
  virtual void deleteRunner(int runnerId) = 0;
  // The CMS's editor restores the rows of a task and of a run from the time while the run was going on.
  virtual void putBackRunningTask(int taskId) = 0;
  virtual void cancelTaskAlone(int taskId) = 0;  // leaves its run unchanged
  virtual void putBackRunningRun(const RunOwnership& owned, int runnerId) = 0;
  virtual void forgetRunnerOf(int runId) = 0;
  virtual void requestDrain(int runnerId) = 0;
  // Adds a file of a run, in parts.
  virtual void putRunFile(int runId, const std::string& name, const std::string& contentType,
                          const std::vector<std::string>& parts) = 0;
  virtual void setRunnerLimit(const std::string& value) = 0;
  virtual void removeRunnerLimit() = 0;

  // Makes the next Id of the table at least this one; its rows stay.
  virtual void useUpIds(const std::string& table, std::int64_t nextId) = 0;

  // Returns one line per violated invariant.
  virtual std::vector<std::string> brokenInvariants() = 0;
};

enum class StoreKind { Fake, MariaDb };

std::unique_ptr<StoreUnderTest> makeStore(StoreKind kind);

std::string nameOf(const ::testing::TestParamInfo<StoreKind>& info);

}  // namespace taskqueue::contract
