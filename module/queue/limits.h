// Named limits of what may be enqueued.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "module/queue/history.h"

namespace taskqueue {

inline constexpr std::int64_t kMostHandlerSeconds = 366LL * 86400;  // of a handler's time limit and delays
inline constexpr std::int64_t kMostRunningAtOnce = 100000;          // of a handler's limits
inline constexpr std::size_t kQueueNameLength = 64;
// Names of queues and handlers are parts of addresses, in which '.' and '..' mean another address.
inline constexpr std::string_view kQueueNameRule =
    "must be 1 to 64 letters, digits, '-', '_' or '.', and not '.' or '..' alone";
bool isQueueName(std::string_view name);
inline constexpr int kHandlerClassLength = 255;  // characters
inline constexpr std::string_view kHandlerClassRule =
    "must be 1 to 255 characters of UTF-8 without control characters, and not '.' or '..' alone";
bool isHandlerClass(std::string_view name);

// Decides about a task whose handler no runner has ever offered.
enum class UnknownHandlers {
  Refuse,  // it is refused
  Park,    // it is accepted, and waits until a runner offers the handler
};

inline constexpr int kMostTaskRunners = 1000;  // of TaskRunnerLimit

struct QueueLimits {
  std::int64_t taskDataBytes = 1 << 20;
  int taskDataDepth = 32;       // nested arrays and objects
  int taskDataMembers = 10000;  // object members and array elements in all
  int tasksPerRequest = 1000;
  int maxRetries = 1000;
  int priorityLast = 9;
  std::int64_t scheduleAheadSeconds = 10LL * 366 * 86400;
  int nameLength = 255;  // characters: Title
  int keyLength = 190;   // UniqueKey, ConcurrencyKey
  int uniqueSeconds = 366 * 86400;
  int overseerBatch = 1000;  // runs created in one overseer pass, and schedules fired
  int missedLimit = 1000;    // of a schedule
  int schedules = 10000;     // at once
  // How late a schedule's firing may be and still count as on time; longer than an overseer may be silent.
  int missedAfterSeconds = 300;
  int overseerSilentSeconds = 90;  // after which a runner stands in for it
  int queueWaitsSeconds = 900;     // that a due task may wait until operators are told; 0: any time
  int alertSeconds = 3600;         // in which operators are told of one cause once
  // How old the declaration of a handler may be that a new task is completed by and found to fit; it is
  // refused only by one that was just read. 0: always just read.
  std::chrono::milliseconds handlerKept{0};
  UnknownHandlers unknownHandlers = UnknownHandlers::Refuse;
  HistoryLimits history;
};

}  // namespace taskqueue
