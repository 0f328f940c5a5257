// A task: a row of TaskQueue, work that somebody asked for.
#pragma once

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

// Of a task of which neither its sender nor its handler says anything else.
inline constexpr int kDefaultMaxRetries = 5;
inline constexpr int kDefaultPriority = 5;
inline constexpr const char* kDefaultQueue = "default";

// NextRunOn of a row that no runner has looked at yet: what a plain SQL INSERT leaves there.
inline constexpr UnixSeconds kNotLookedAt = 0;

// What a UniqueKey does to a new task while another one holds it.
enum class UniqueMode {
  Keep,     // the live task with the key stands for the new one
  Replace,  // the live one gives way: it is cancelled, or, when it runs, not tried again
  Window,   // as Keep, and also after its success until UniqueSeconds have passed since it was queued
};

std::string_view wordOf(UniqueMode mode);  // keep, replace, window
std::optional<UniqueMode> uniqueModeOf(std::string_view word);

// What a caller asks for. The members are the columns of the same name.
struct NewTask {
  std::string taskHandlerClass;
  std::string taskData = "{}";             // a JSON object
  std::optional<UnixSeconds> scheduledOn;  // nothing: now
  int queuedById = 0;                      // the CMS's user; -1 is root
  // What is absent of the next three is what the handler says, or else the default.
  std::optional<int> maxRetries;  // failed runs after which nothing more is tried
  std::optional<std::string> queue;
  std::optional<int> priority;  // 0 first … 9 last
  std::optional<std::string> uniqueKey;
  UniqueMode uniqueMode = UniqueMode::Keep;
  int uniqueSeconds = 0;                      // of the mode Window
  std::optional<std::string> concurrencyKey;  // what the handler's limit per key counts
  std::string title;
  NotifyOn notifyOn = NotifyOn::Never;  // of which end somebody is told
  std::optional<std::string> notifyTo;  // an e-mail address or a URL; nothing: the address of queuedById
  std::string notifyLanguage;           // of an e-mail; empty: the configuration's
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
  std::optional<std::string> concurrencyKey;
  bool superseded = false;  // a newer task took its UniqueKey: it is not tried again
  std::string title;
  std::string parkedReason;  // why a task that waits may not be claimed; empty: it is not parked
};

// What a task says of being told, and what has come of it.
struct TaskNotification {
  NotifyOn on = NotifyOn::Never;
  std::optional<std::string> to;
  std::string language;
  std::optional<int> taskId;  // the task that tells of the last end
};

// What became of one enqueued task. `created` is false when a live task with the same UniqueKey stands for
// it.
struct AddedTask {
  int id = 0;
  bool created = true;
  std::optional<int> replacedId = std::nullopt;  // the task that gave way to it
};

// Which tasks a list shows: newest first, those with an Id below `beforeId`.
struct TaskFilter {
  std::optional<RunStatus> lastStatus;
  std::optional<std::string> taskHandlerClass;
  std::optional<std::string> queue;
  std::optional<std::string> titlePart;
  std::optional<std::string> errorCode;  // of the newest run
  std::optional<UnixSeconds> queuedFrom;
  std::optional<UnixSeconds> queuedUntil;  // and that second
  std::optional<int> fromId;
  std::optional<int> beforeId;
  int limit = 50;
};

}  // namespace taskqueue
