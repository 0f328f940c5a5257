// The two stores that the contract holds for, and what the world does to their rows behind their back.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "module/queue/task_store.h"

namespace taskqueue::contract {

// A row of TaskQueue as a plain INSERT of the CMS's own columns makes it.
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
  std::optional<UnixSeconds> nextRunOn = kNotLookedAt;

  static constexpr UnixSeconds kQueuedNow = -1;
};

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;

  virtual TaskStore& store() = 0;
  virtual void advance(std::chrono::seconds by) = 0;

  // What the CMS can do by plain SQL.
  virtual int insertRow(const PlainRow& row) = 0;
  virtual void putBackNextRunOn(int taskId, UnixSeconds nextRunOn) = 0;  // its editor restores an old row
  virtual void setMaxRetries(int taskId, int maxRetries) = 0;
  virtual void setRunStatus(int runId, RunStatus status) = 0;
  virtual void deleteTask(int taskId) = 0;
  virtual void putBackDeletedTask(int taskId) = 0;  // of the class Echo, as it was while it ran
  virtual void setRunnerStatus(int runnerId, RunnerStatus status) = 0;
  virtual void deleteRunner(int runnerId) = 0;
  // Its editor puts back the rows of a task and of a run as they were while the run was going on.
  virtual void putBackRunningTask(int taskId) = 0;
  virtual void cancelTaskAlone(int taskId) = 0;  // not its run
  virtual void putBackRunningRun(const RunOwnership& owned, int runnerId) = 0;
  virtual void forgetRunnerOf(int runId) = 0;
  virtual void requestDrain(int runnerId) = 0;
  // What a handler leaves with its run, in parts.
  virtual void putRunFile(int runId, const std::string& name, const std::string& contentType,
                          const std::vector<std::string>& parts) = 0;
  virtual void setRunnerLimit(const std::string& value) = 0;
  virtual void removeRunnerLimit() = 0;

  // The next Id of the table is at least this one; its rows stay.
  virtual void useUpIds(const std::string& table, std::int64_t nextId) = 0;

  // Lines that say which invariant the rows break.
  virtual std::vector<std::string> brokenInvariants() = 0;
};

enum class StoreKind { Fake, MariaDb };

std::unique_ptr<StoreUnderTest> makeStore(StoreKind kind);

std::string nameOf(const ::testing::TestParamInfo<StoreKind>& info);

}  // namespace taskqueue::contract
