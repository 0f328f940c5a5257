// Named limits of what may be enqueued.
#pragma once

#include <cstdint>

namespace taskqueue {

struct QueueLimits {
  std::int64_t taskDataBytes = 1 << 20;
  int taskDataDepth = 32;       // nested arrays and objects
  int taskDataMembers = 10000;  // object members and array elements in all
  int tasksPerRequest = 1000;
  int maxRetries = 1000;
  int priorityLast = 9;
  std::int64_t scheduleAheadSeconds = 10LL * 366 * 86400;
  int nameLength = 255;  // characters: TaskHandlerClass, Title
  int queueNameLength = 64;
  int uniqueKeyLength = 190;
  int overseerBatch = 1000;  // runs created in one overseer pass
};

}  // namespace taskqueue
