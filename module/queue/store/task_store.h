// Adds, reads, cancels and retries tasks and their runs. stores.h has the rules of all roles.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>
#include "module/queue/notify_on.h"
#include "module/queue/run.h"
#include "module/queue/store_error.h"
#include "module/queue/task.h"
#include "module/queue/task_change.h"
#include "module/queue/waiting.h"

namespace taskqueue {

// The client's name for one enqueue request, so that the client may safely send it again.
struct IdempotencyKey {
  std::string key;
  std::string requestHash;  // hash of the request's body; the same key with another body is refused
};

struct InsertOutcome {
  std::vector<AddedTask> tasks;  // in the order of the request
  bool replayed = false;    // the key was used before for the same request, and `tasks` repeats that answer
  bool keyMisused = false;  // the key was used before for another request, so nothing was done
};

enum class CancelOutcome { Cancelled, Requested, AlreadyEnded, NoSuchTask };
enum class RetryOutcome { Scheduled, StillRunning, StatusChanged, KeyTaken, NoSuchTask };

class TaskStore {
 public:
  virtual ~TaskStore() = default;

  // Inserts all tasks or none. If another task holds a UniqueKey, the UniqueMode decides.
  virtual InsertOutcome insertTasks(std::span<const NewTask> tasks,
                                    const std::optional<IdempotencyKey>& key) = 0;
  virtual std::optional<Task> findTask(int id) = 0;
  // Returns tasks newest first and without TaskData.
  virtual std::vector<Task> findTasks(const TaskFilter& filter) = 0;
  virtual std::optional<Run> findRun(int id) = 0;
  virtual std::vector<Run> runsOfTask(int taskQueueId) = 0;  // the newest 100, oldest first
  // Returns up to `limit` bytes from `offset`, without cutting a character. Returns nothing if there is no
  // such run.
  virtual std::optional<OutputSlice> readOutput(int runId, OutputStream stream, std::int64_t offset,
                                                std::int64_t limit) = 0;
  virtual std::vector<RunFile> filesOfRun(int runId) = 0;  // by name
  // Returns the whole content, or nothing if there is no such file.
  virtual std::optional<std::string> readRunFile(int runId, std::string_view name) = 0;
  // Cancels a waiting task at once. For a running task, requests the cancellation from its runner.
  virtual CancelOutcome cancelTask(int id) = 0;
  // Retries a task that is not running: resets its failures and creates a `scheduled` run. A cancelled task
  // whose ScheduledOn is still to come waits for it. If `onlyIf` is given, only while this is the LastStatus.
  virtual RetryOutcome retryTask(int id, std::optional<RunStatus> onlyIf = std::nullopt) = 0;
  // Changes a task that waits or is parked. If `onlyIf` is given, only while this is its versionOf(). Records
  // what was and what is.
  virtual ChangeOutcome changeTask(int id, const TaskChange& change,
                                   const std::optional<std::string>& onlyIf) = 0;
  // Returns the facts for findWaitReason(), or nothing if there is no such task.
  virtual std::optional<WaitFacts> findWaitFacts(int taskId) = 0;
  // Returns the task's notification settings. The transaction that ends a task also inserts the notification
  // task, exactly one for each final end. A retry may lead to a further end.
  virtual TaskNotification findNotification(int taskQueueId) = 0;
};

}  // namespace taskqueue
