// A task is a piece of requested work, stored as a row of TaskQueue.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/notify_on.h"
#include "module/queue/status.h"

namespace taskqueue {

// Unix seconds of the database's clock, the only clock that decides what is due (rule 7).
using UnixSeconds = std::int64_t;

// These defaults hold if neither the sender nor the handler sets the value.
inline constexpr int kDefaultMaxRetries = 5;
inline constexpr int kDefaultPriority = 5;
inline constexpr const char* kDefaultQueue = "default";

// NextRunOn of a new row that no runner has seen yet. A plain SQL INSERT leaves this value.
inline constexpr UnixSeconds kUnscheduled = 0;

// Decides what happens to a new task if another task holds its UniqueKey.
enum class UniqueMode {
  Keep,     // no task is created; the live task with the key is returned
  Replace,  // the new task supersedes the live one, which is cancelled, or, if it is running, not retried
  Window,   // like Keep, and a successful task also holds the key until UniqueSeconds after it was queued
};
inline constexpr std::array kAllUniqueModes{UniqueMode::Keep, UniqueMode::Replace, UniqueMode::Window};

std::string_view toString(UniqueMode mode);  // keep, replace, window
std::optional<UniqueMode> parseUniqueMode(std::string_view word);

// A task that a caller enqueues. The members are the columns of the same name.
struct NewTask {
  std::string taskHandlerClass;
  std::string taskData = "{}";             // a JSON object
  std::optional<UnixSeconds> scheduledOn;  // absent: now
  int queuedById = 0;                      // a user of the CMS; -1 is root
  // If one of the next three is absent, the handler's setting or the default applies.
  std::optional<int> maxRetries;  // failed runs after which the task is not retried
  std::optional<std::string> queue;
  std::optional<int> priority;  // 0 first … 9 last
  std::optional<std::string> uniqueKey;
  std::optional<UniqueMode> uniqueMode;       // absent: the handler's setting, or UniqueMode::Keep
  int uniqueSeconds = 0;                      // only for UniqueMode::Window
  std::optional<std::string> concurrencyKey;  // tasks with the same key share the handler's limit per key
  std::string title;
  NotifyOn notifyOn = NotifyOn::Never;  // ends that send a notification
  std::optional<std::string> notifyTo;  // an e-mail address or a URL; absent: the address of queuedById
  std::string notifyLanguage;           // language of the e-mail; empty: the configured one
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
  std::optional<UnixSeconds> nextRunOn;  // absent: the task may not be claimed
  std::optional<std::string> uniqueKey;
  std::optional<std::string> concurrencyKey;
  bool superseded = false;  // a newer task took its UniqueKey, so it is not retried
  std::string title;
  std::string parkedReason;  // why the waiting task may not be claimed; empty: it is not parked
};

// The notification settings of a task, and the notification that was sent.
struct TaskNotification {
  NotifyOn on = NotifyOn::Never;
  std::optional<std::string> to;
  std::string language;
  std::optional<int> taskId;  // the notification task for the last end
};

// The outcome for one enqueued task. `created` is false if a live task with the same UniqueKey stands for it.
struct AddedTask {
  int id = 0;
  bool created = true;
  std::optional<int> replacedId = std::nullopt;  // the task that it superseded
};

enum class TaskState;  // see task_state.h

// Selects the tasks of a list. The list is newest first and holds only Ids below `beforeId`.
struct TaskFilter {
  std::optional<RunStatus> lastStatus;
  std::optional<TaskState> state;
  std::optional<std::string> taskHandlerClass;
  std::optional<std::string> queue;
  std::optional<std::string> titlePart;
  std::optional<std::string> errorCode;  // ErrorCode of the newest run
  std::optional<int> errorGroupId;       // group of errors of the newest run
  std::optional<UnixSeconds> queuedFrom;
  std::optional<UnixSeconds> queuedUntil;  // includes this second
  std::optional<int> fromId;
  std::optional<int> beforeId;
  int limit = 50;
};

}  // namespace taskqueue
