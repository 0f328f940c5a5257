// A task: a row of TaskQueue, work that somebody asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "module/queue/status.h"

namespace taskqueue {

// Unix seconds of the database's clock, the only clock that decides what is due (rule 7).
using UnixSeconds = std::int64_t;

inline constexpr int kDefaultMaxRetries = 5;
inline constexpr int kDefaultPriority = 5;
inline constexpr const char* kDefaultQueue = "default";

// NextRunOn of a row that no runner has looked at yet: what a plain SQL INSERT leaves there.
inline constexpr UnixSeconds kNotLookedAt = 0;

// What a caller asks for. The members are the columns of the same name.
struct NewTask {
  std::string taskHandlerClass;
  std::string taskData = "{}";             // a JSON object
  std::optional<UnixSeconds> scheduledOn;  // nothing: now
  int queuedById = 0;                      // the CMS's user; -1 is root
  int maxRetries = kDefaultMaxRetries;     // failed runs after which nothing more is tried
  std::string queue = kDefaultQueue;
  int priority = kDefaultPriority;  // 0 first … 9 last
  std::optional<std::string> uniqueKey;
  std::string title;
};

struct Task {
  int id = 0;
  std::string taskHandlerClass;
  std::string taskData;
  std::optional<UnixSeconds> scheduledOn;
  std::optional<UnixSeconds> queuedOn;
  int queuedById = 0;
  RunStatus lastStatus = RunStatus::Scheduled;
  int maxRetries = kDefaultMaxRetries;
  int taskRunsFailed = 0;
  std::string queue;
  int priority = kDefaultPriority;
  std::optional<UnixSeconds> nextRunOn;  // nothing: may not be claimed
  std::optional<std::string> uniqueKey;
  std::string title;
  std::string parkedReason;  // why a task that waits may not be claimed; empty: it is not parked
};

// What became of one enqueued task. `created` is false when a live task with the same UniqueKey stands for
// it.
struct AddedTask {
  int id = 0;
  bool created = true;
};

// Which tasks a list shows: newest first, those with an Id below `beforeId`.
struct TaskFilter {
  std::optional<RunStatus> lastStatus;
  std::optional<std::string> taskHandlerClass;
  std::optional<std::string> queue;
  std::optional<std::string> titlePart;
  std::optional<int> beforeId;
  int limit = 50;
};

}  // namespace taskqueue
