// Enqueues tasks.
#include <algorithm>
#include <map>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/store/runners/completion_notices.h"
#include "module/store/tasks/maria_tasks.h"
#include "module/store/tasks/task_rows.h"

namespace taskqueue::store {
namespace {

// Served by the primary key. The lock waits for a COMMIT that is still under way on the broken connection: a
// row that is missing afterwards will never appear.
const Sql kFindInserted{"find-inserted", R"(
  SELECT TaskHandlerClass, TaskData
  FROM {TaskQueue} FORCE INDEX (PRIMARY)
  WHERE Id = ?
  LOCK IN SHARE MODE
)"};

// A plain task needs nothing but its own row.
bool isPlain(const NewTask& task) {
  return !task.uniqueKey && task.notifyOn == NotifyOn::Never;
}

}  // namespace

InsertOutcome MariaTasks::insertTasks(std::span<const NewTask> tasks,
                                      const std::optional<IdempotencyKey>& key) {
  // The audit names the user of the pages, who must not be named for the tasks of others.
  const bool mayBeBatched = batcher_ != nullptr && tasks.size() == 1 && !key && isPlain(tasks.front()) &&
                            context_.actor.source != kPagesSource;
  if (!mayBeBatched) return insertApart(tasks, key);
  return batcher_->insert(
      tasks.front(), [this](std::span<const NewTask> group) { return insertApart(group, std::nullopt); });
}

InsertOutcome MariaTasks::insertApart(std::span<const NewTask> tasks,
                                      const std::optional<IdempotencyKey>& key) {
  RepeatPolicy policy = afterConflict();
  policy.mayRepeat = [](const StoreError& error) {
    return error.kind() == StoreError::Kind::Conflict ||
           dynamic_cast<const Connection::CommitUnknown*>(&error) != nullptr;
  };
  return repeat(policy, [&] {
    Insertion insertion;
    try {
      context_.inTransaction([&] { insertion = insertOnce(context_, tasks, key); });
    } catch (const Connection::CommitUnknown&) {
      if (!wasCommitted(insertion)) throw;
    }
    return insertion.outcome;
  });
}

std::vector<AddedTask> MariaTasks::insertTasksWith(const std::function<std::vector<NewTask>()>& body) {
  return context_.inTransaction([&] {
    const std::vector<NewTask> tasks = body();
    return insertOnce(context_, tasks, std::nullopt).outcome.tasks;
  });
}

bool MariaTasks::wasCommitted(const Insertion& insertion) {
  if (insertion.lastNew == nullptr) return false;  // nothing was inserted: a repetition does no harm
  // Another transaction may draw the Id of a lost one again: the row must be the one that we wrote.
  auto rows = context_.inTransaction([&] { return connection_.query(kFindInserted, {insertion.lastNewId}); });
  if (rows.empty()) return false;
  const auto [taskHandlerClass, taskData] = rows.front().as<std::string, std::string>();
  return taskHandlerClass == insertion.lastNew->taskHandlerClass && taskData == insertion.lastNew->taskData;
}

}  // namespace taskqueue::store
