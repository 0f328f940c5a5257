// Keeps tasks and their runs in MariaDB.
#pragma once

#include <functional>

#include "module/queue/store/task_store.h"
#include "module/store/store_context.h"
#include "module/store/tasks/insert_batcher.h"
#include "module/store/tasks/task_insertion.h"

namespace taskqueue::store {

class MariaTasks : public TaskStore {
 public:
  explicit MariaTasks(StoreContext& context) : context_(context), connection_(context.connection) {}

  InsertOutcome insertTasks(std::span<const NewTask> tasks,
                            const std::optional<IdempotencyKey>& key) override;
  std::optional<Task> findTask(int id) override;
  std::vector<Task> findTasks(const TaskFilter& filter) override;
  std::optional<Run> findRun(int id) override;
  std::vector<Run> runsOfTask(int taskQueueId) override;
  std::optional<OutputSlice> readOutput(int runId, OutputStream stream, std::int64_t offset,
                                        std::int64_t limit) override;
  std::vector<RunFile> filesOfRun(int runId) override;
  std::optional<std::string> readRunFile(int runId, std::string_view name) override;
  CancelOutcome cancelTask(int id) override;
  RetryOutcome retryTask(int id, std::optional<RunStatus> onlyIf) override;
  ChangeOutcome changeTask(int id, const TaskChange& change, const std::optional<std::string>& onlyIf) override;
  std::optional<WaitFacts> findWaitFacts(int taskId) override;
  TaskNotification findNotification(int taskQueueId) override;

  // From now on single tasks are enqueued together with those of other threads. `with` must outlive the
  // store.
  void batchInserts(InsertBatcher& with) { batcher_ = &with; }
  // Enqueues the tasks that `body` returns, in one transaction with what `body` does on the connection.
  // `body` is called again when the transaction is repeated. Throws StoreError; after CommitUnknown it is not
  // known whether the transaction was committed.
  std::vector<AddedTask> insertTasksWith(const std::function<std::vector<NewTask>()>& body);

 private:
  InsertOutcome insertApart(std::span<const NewTask> tasks, const std::optional<IdempotencyKey>& key);
  bool wasCommitted(const Insertion& insertion);

  StoreContext& context_;
  Connection& connection_;
  InsertBatcher* batcher_ = nullptr;
};

}  // namespace taskqueue::store
