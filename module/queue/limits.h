// Limits for tasks, schedules and the overseer.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "module/queue/retention.h"

namespace taskqueue {

inline constexpr std::int64_t kMaxHandlerSeconds = 366LL * 86400;  // for a handler's time limit and delays
inline constexpr std::size_t kMaxRetryDelays = 20;                 // in a handler's list of delays
inline constexpr std::int64_t kMaxRunningAtOnce = 100000;          // for a handler's concurrency limits
inline constexpr std::size_t kQueueNameLength = 64;
// Names of queues and handlers are segments of URLs, where '.' and '..' have another meaning.
inline constexpr std::string_view kQueueNameRule =
    "must be 1 to 64 letters, digits, '-', '_' or '.', and not '.' or '..' alone";
bool isQueueName(std::string_view name);
inline constexpr int kHandlerClassLength = 255;  // characters
inline constexpr std::string_view kHandlerClassRule =
    "must be 1 to 255 characters of UTF-8 without control characters, and not '.' or '..' alone";
bool isHandlerClass(std::string_view name);

// Decides what happens to a new task if no runner has ever offered its handler.
enum class UnknownHandlers {
  Refuse,  // the task is refused
  Park,    // the task is accepted, and waits until a runner offers the handler
};

inline constexpr int kMaxTaskRunners = 1000;  // largest value of TaskRunnerLimit

struct QueueLimits {
  std::int64_t taskDataBytes = 1 << 20;
  int taskDataDepth = 32;       // levels of nested arrays and objects
  int taskDataMembers = 10000;  // object members and array elements in total
  int tasksPerRequest = 1000;
  int maxRetries = 1000;
  int priorityLast = 9;
  std::int64_t scheduleAheadSeconds = 10LL * 366 * 86400;
  int nameLength = 255;  // characters of Title
  int keyLength = 190;   // characters of UniqueKey, ConcurrencyKey and a schedule's Name
  int uniqueSeconds = 366 * 86400;
  int overseerBatch = 1000;  // most runs created, and most schedules fired, in one overseer pass
  int missedLimit = 1000;    // largest MissedLimit of a schedule
  int schedules = 10000;     // most schedules that may exist
  // A firing counts as on time up to this delay. It must exceed the time that an overseer may be silent.
  int missedAfterSeconds = 300;
  int overseerSilentSeconds = 90;  // after this time without an overseer, a runner does the fallback pass
  int queueWaitsSeconds = 900;     // operators are notified if a due task waits longer; 0: never
  int alertSeconds = 3600;         // operators are notified at most once in this time for each cause
  // A cached handler declaration may be used for this long to accept tasks. A task is rejected only after
  // re-reading it. 0 turns the cache off.
  std::chrono::milliseconds handlerCacheTime{0};
  UnknownHandlers unknownHandlers = UnknownHandlers::Refuse;
  RetentionPolicy retention;
};

}  // namespace taskqueue
