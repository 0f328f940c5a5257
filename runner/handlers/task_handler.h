// What a C++ handler implements, and what it is given. A handler runs in a worker process of its own, one run
// at a time; if it crashes, that run ends as `error` and nothing else is harmed.
//
// Installed for plug-ins (plugin.h): whatever changes here raises kPluginVersion.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "module/queue/handler_settings.h"

namespace taskqueue::handlers {

// Why a run is asked to stop, and what it becomes when it does.
enum class StopReason {
  Cancelled,  // its task was cancelled: the run ends as `cancelled`
  Shutdown,   // the runner ends: the run is given back and done again, and no try is lost
  TimeLimit,  // it has worked too long: an error, tried again
};

// The ErrorCode of a run that ends so.
inline const char* codeOf(StopReason reason) {
  switch (reason) {
    case StopReason::Cancelled:
      return "cancelled";
    case StopReason::Shutdown:
      return "shutdown";
    case StopReason::TimeLimit:
      return "time_limit";
  }
  return "";
}

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

  // Why the run is asked to stop; nothing as long as it is not. A handler that has learnt of it returns soon
  // after, which is then the stop and no success, unless it calls finished(). One that goes on is killed
  // after the grace time.
  virtual std::optional<StopReason> stopReason() = 0;
  bool isCancelled() { return stopReason().has_value(); }
  // Throws Stopped once the run is asked to stop. `words` become a part of the run's ErrorMessage.
  void stopIfAsked(const std::string& words = "");

  // The work was done all the same: returning is a success, also when the run was asked to stop.
  virtual void finished() = 0;

  // From now on the value is hidden in the run's output, error, note of progress and Results: a secret that
  // the handler has read. At most 16 KiB, 100 values a run; more ends the run as an error. Flush what was
  // written before it.
  virtual void mask(std::string_view value) = 0;
};

// How a handler ends a run otherwise than by success. Any other exception ends it as an error with the code
// "exception", to be tried again.

// A known error: it is tried again after the usual backoff, until MaxRetries.
class TaskError : public std::runtime_error {
 public:
  TaskError(std::string code, std::string message)
      : std::runtime_error(message), code_(std::move(code)), message_(std::move(message)) {}
  const std::string& code() const { return code_; }
  // The whole of it; what() ends at the first NUL.
  const std::string& message() const { return message_; }

 private:
  std::string code_;
  std::string message_;
};

// A known error that no further try can mend.
class GiveUp : public TaskError {
 public:
  using TaskError::TaskError;
};

// The handler stops since it was asked to: TaskRun::stopIfAsked.
class Stopped : public TaskError {
 public:
  Stopped(StopReason reason, std::string words)
      : TaskError(codeOf(reason), std::move(words)), reason_(reason) {}
  StopReason reason() const { return reason_; }

 private:
  StopReason reason_;
};

inline void TaskRun::stopIfAsked(const std::string& words) {
  if (const auto reason = stopReason()) throw Stopped(*reason, words);
}

// The longest wait that a handler can ask for.
inline constexpr std::chrono::seconds kMostDelay{366LL * 86400};

// In whole seconds, rounded up: a wait is never shorter than asked. Throws std::invalid_argument for one that
// is negative or longer than kMostDelay.
template <typename Rep, typename Period>
std::chrono::seconds wholeDelay(std::chrono::duration<Rep, Period> delay) {
  const std::chrono::duration<double> seconds(delay);
  if (!(seconds.count() >= 0 && seconds <= kMostDelay)) {
    throw std::invalid_argument("a delay must be from 0 to " + std::to_string(kMostDelay.count()) +
                                " s, not " + std::to_string(seconds.count()) + " s");
  }
  return std::chrono::ceil<std::chrono::seconds>(delay);
}

// A known error, to be tried again after this long.
class RetryAfter : public TaskError {
 public:
  template <typename Rep, typename Period>
  RetryAfter(std::string code, std::string message, std::chrono::duration<Rep, Period> delay)
      : TaskError(std::move(code), std::move(message)), delay_(wholeDelay(delay)) {}
  std::chrono::seconds delay() const { return delay_; }

 private:
  std::chrono::seconds delay_;
};

// Not an error: run again after this long; no try is lost.
class Snooze : public std::exception {
 public:
  template <typename Rep, typename Period>
  explicit Snooze(std::chrono::duration<Rep, Period> delay) : delay_(wholeDelay(delay)) {}
  std::chrono::seconds delay() const { return delay_; }
  const char* what() const noexcept override { return "snooze"; }

 private:
  std::chrono::seconds delay_;
};

class ITaskHandler {
 public:
  virtual ~ITaskHandler() = default;

  // Does the work. Standard output and error are captured. Returning is a success, unless the run was asked
  // to stop and the handler has learnt of it (TaskRun::stopReason).
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
