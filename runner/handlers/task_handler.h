// What a C++ handler implements, and what it is given. A handler runs in a worker process of its own, one run
// at a time; if it crashes, that run ends as `error` and nothing else is harmed.
//
// Installed for plug-ins (plugin.h): whatever changes here raises kPluginVersion.
#pragma once

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/handler_settings.h"

namespace taskqueue::handlers {

// The run in hand. Belongs to the worker's main thread; valid until handleTaskRun returns.
class TaskRun {
 public:
  virtual ~TaskRun() = default;

  virtual int id() const = 0;
  virtual int taskQueueId() const = 0;
  virtual int attempt() const = 0;                  // 1, 2, …
  virtual const std::string& runToken() const = 0;  // proves the ownership of this run
  virtual std::string_view taskData() const = 0;    // JSON: an object that fits the declared schema

  // Reports progress: 0 to 100, never falling, and a short note. Cheap: call it as often as there is news.
  virtual void setProgress(int percents, std::string_view note) = 0;

  // The run's Results: JSON text of any form. The last call counts.
  virtual void setResults(std::string json) = 0;

  // True once somebody wants the run to stop (cancelled, over its time limit, or the runner is shutting
  // down). A handler that can, returns soon after; one that does not is killed after the grace time.
  virtual bool isCancelled() = 0;
};

// How a handler ends a run otherwise than by success. Any other exception ends it as an error with the code
// "exception", to be tried again.

// A known error: it is tried again after the usual backoff, until MaxRetries.
class TaskError : public std::runtime_error {
 public:
  TaskError(std::string code, const std::string& message)
      : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

// A known error that no further try can mend.
class GiveUp : public TaskError {
 public:
  using TaskError::TaskError;
};

// A known error, to be tried again after this long.
class RetryAfter : public TaskError {
 public:
  RetryAfter(std::string code, const std::string& message, std::chrono::seconds delay)
      : TaskError(std::move(code), message), delay_(delay) {}
  std::chrono::seconds delay() const { return delay_; }

 private:
  std::chrono::seconds delay_;
};

// Not an error: run again after this long; no try is lost.
class Snooze : public std::exception {
 public:
  explicit Snooze(std::chrono::seconds delay) : delay_(delay) {}
  std::chrono::seconds delay() const { return delay_; }
  const char* what() const noexcept override { return "snooze"; }

 private:
  std::chrono::seconds delay_;
};

class ITaskHandler {
 public:
  virtual ~ITaskHandler() = default;

  // Does the work. Standard output and error are captured. Returning is success.
  virtual void handleTaskRun(TaskRun& run) = 0;
};

// A handler as it is offered to the queue.
struct HandlerEntry {
  std::string taskHandlerClass;
  std::string dataSchema;  // JSON Schema of TaskData
  HandlerSettings settings;
  std::unique_ptr<ITaskHandler> handler;
};

}  // namespace taskqueue::handlers
