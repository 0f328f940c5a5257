// The interface of C++ handlers. A handler runs in a separate worker process, one run at a time. If it
// crashes, its run ends as `error` and nothing else is harmed.
//
// Installed for plug-ins (plugin.h): any change here raises kPluginVersion.
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

// Why a run is asked to stop. Each value tells how the run then ends.
enum class StopReason {
  Cancelled,  // its task was cancelled: the run ends as `cancelled`
  Shutdown,   // the runner ends: the run is released and done again; this costs no try
  TimeLimit,  // it has run too long: it ends as an error and is retried
};

// Returns the ErrorCode of a run that stops for this reason.
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

// The current run. Belongs to the worker's main thread; valid until handleTaskRun returns.
class TaskRun {
 public:
  virtual ~TaskRun() = default;

  virtual int id() const = 0;
  virtual int taskQueueId() const = 0;
  virtual int attempt() const = 0;                  // 1, 2, …
  virtual const std::string& runToken() const = 0;  // proves the ownership of this run
  virtual std::string_view taskData() const = 0;    // JSON: an object that fits the declared schema

  // Reports progress: 0 to 100, never falling, and a short note. The call is cheap, so call it often.
  virtual void setProgress(int percents, std::string_view note) = 0;

  // Sets the run's Results: any JSON text. The last call wins.
  virtual void setResults(std::string json) = 0;

  // Returns why the run is asked to stop, or nothing. After a handler has read a reason it should return
  // soon. The run then ends as stopped, unless the handler calls finished(). A handler that does not return
  // is killed after the grace time.
  virtual std::optional<StopReason> stopReason() = 0;
  bool isCancelled() { return stopReason().has_value(); }
  // Throws Stopped if the run is asked to stop. `words` become part of the run's ErrorMessage.
  void stopIfAsked(const std::string& words = "");

  // Declares the work complete despite a stop request: returning is then a success.
  virtual void finished() = 0;

  // From now on the value is hidden in the run's output, error, note of progress and Results: a secret that
  // the handler has read. At most 16 KiB, 100 values a run; more ends the run as an error. Flush what was
  // written before it.
  virtual void mask(std::string_view value) = 0;
};

// Exceptions that end a run other than by success. Any other exception is an error with the code "exception",
// which is retried.

// A known error. It is retried with the usual backoff, until MaxRetries.
class TaskError : public std::runtime_error {
 public:
  TaskError(std::string code, std::string message)
      : std::runtime_error(message), code_(std::move(code)), message_(std::move(message)) {}
  const std::string& code() const { return code_; }
  // The whole message; what() ends at the first NUL.
  const std::string& message() const { return message_; }

 private:
  std::string code_;
  std::string message_;
};

// A known error that no retry can fix.
class GiveUp : public TaskError {
 public:
  using TaskError::TaskError;
};

// The handler stops on request; TaskRun::stopIfAsked throws it.
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

// The longest delay that a handler can ask for.
inline constexpr std::chrono::seconds kMaxDelay{366LL * 86400};

// Converts to whole seconds, rounded up, so that a delay is never shorter than asked. Throws
// std::invalid_argument when negative or longer than kMaxDelay.
template <typename Rep, typename Period>
std::chrono::seconds wholeDelay(std::chrono::duration<Rep, Period> delay) {
  const std::chrono::duration<double> seconds(delay);
  if (!(seconds.count() >= 0 && seconds <= kMaxDelay)) {
    throw std::invalid_argument("a delay must be from 0 to " + std::to_string(kMaxDelay.count()) +
                                " s, not " + std::to_string(seconds.count()) + " s");
  }
  return std::chrono::ceil<std::chrono::seconds>(delay);
}

// A known error, retried after this delay.
class RetryAfter : public TaskError {
 public:
  template <typename Rep, typename Period>
  RetryAfter(std::string code, std::string message, std::chrono::duration<Rep, Period> delay)
      : TaskError(std::move(code), std::move(message)), delay_(wholeDelay(delay)) {}
  std::chrono::seconds delay() const { return delay_; }

 private:
  std::chrono::seconds delay_;
};

// This is no error: the task runs again after this delay, and it costs no try.
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

  // Does the work. Standard output and error are captured. Returning is a success, unless the handler has
  // read a stop request (TaskRun::stopReason).
  virtual void handleTaskRun(TaskRun& run) = 0;
};

// A handler with its name and settings, as offered to the queue.
struct HandlerEntry {
  std::string taskHandlerClass;
  std::string dataSchema;  // JSON Schema of TaskData
  HandlerSettings settings;
  std::unique_ptr<ITaskHandler> handler;
};

}  // namespace taskqueue::handlers
