// A run for handler tests, with given TaskData and recorded Results. Each run has its own task unless the
// test says otherwise.
#pragma once

#include <string>
#include <utility>

#include "runner/handlers/task_handler.h"

namespace taskqueue::test_support {

class GivenRun : public handlers::TaskRun {
 public:
  explicit GivenRun(std::string data) : GivenRun(std::move(data), newTaskId(), "token") {}
  GivenRun(std::string data, int taskId, std::string token)
      : data_(std::move(data)), taskId_(taskId), token_(std::move(token)) {}
  int id() const override { return 1; }
  int taskQueueId() const override { return taskId_; }
  int attempt() const override { return 1; }
  const std::string& runToken() const override { return token_; }
  std::string_view taskData() const override { return data_; }
  void setProgress(int, std::string_view) override {}
  void setResults(std::string json) override { results = std::move(json); }
  std::optional<handlers::StopReason> stopReason() override {
    return cancelled ? std::optional(handlers::StopReason::Cancelled) : std::nullopt;
  }
  void finished() override { saidFinished = true; }
  void mask(std::string_view) override {}

  std::string results;
  bool cancelled = false;
  bool saidFinished = false;

 private:
  static int newTaskId() {
    static int last = 1000;
    return ++last;
  }

  std::string data_;
  int taskId_;
  std::string token_;
};

// Describes how a run ended: "success", or "CODE: message" with "give up", "after N s" or "retry" before it.
inline std::string endOf(handlers::ITaskHandler& handler, handlers::TaskRun& run) {
  try {
    handler.handleTaskRun(run);
    return "success";
  } catch (const handlers::GiveUp& error) {
    return "give up, " + error.code() + ": " + error.message();
  } catch (const handlers::RetryAfter& error) {
    return "after " + std::to_string(error.delay().count()) + " s, " + error.code() + ": " + error.message();
  } catch (const handlers::TaskError& error) {
    return "retry, " + error.code() + ": " + error.message();
  }
}

}  // namespace taskqueue::test_support
