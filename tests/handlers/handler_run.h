// Runs a handler in this process, against a real database that has rows for its run.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "module/json/read.h"
#include "module/store/database/connection.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers::tests {

class HandlerRun : public TaskRun {
 public:
  // Creates a task with a running run, or another run of the task `taskId`.
  HandlerRun(store::Connection& connection, std::string taskData, int taskId = 0);

  int id() const override { return id_; }
  int taskQueueId() const override { return taskId_; }
  int attempt() const override { return 1; }
  const std::string& runToken() const override { return token_; }
  std::string_view taskData() const override { return taskData_; }
  void setProgress(int percents, std::string_view note) override;
  void setResults(std::string json) override { results_ = std::move(json); }
  std::optional<StopReason> stopReason() override {
    return cancelled_ ? std::optional(StopReason::Cancelled) : std::nullopt;
  }
  void finished() override {}
  void mask(std::string_view) override {}

  void cancel() { cancelled_ = true; }
  // Called at each progress report.
  std::function<void()> onProgress;

  // Returns "success", "snooze", or the error code; errorMessage() then has the message.
  std::string outcomeOf(ITaskHandler& handler);
  const std::string& errorMessage() const { return errorMessage_; }
  bool isForGood() const { return isForGood_; }
  json::Document results() const;
  int percents() const { return percents_; }
  const std::string& output() const { return output_; }

 private:
  int id_ = 0;
  int taskId_ = 0;
  std::string token_;
  std::string taskData_;
  std::string results_ = "{}";
  std::string errorMessage_;
  std::string output_;
  bool isForGood_ = false;
  bool cancelled_ = false;
  int percents_ = 0;
};

// Makes a database with empty tables of the queue and of tests/support/cms_fixture.sql.
void makeCmsDatabase(const std::string& name);

}  // namespace taskqueue::handlers::tests
