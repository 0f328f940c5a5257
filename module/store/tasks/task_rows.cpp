#include "module/store/tasks/task_rows.h"

#include <algorithm>
#include <array>

#include "module/store/database/batches.h"
#include "module/store/runners/completion_notices.h"

namespace taskqueue::store {
namespace {

// Rows are sent as values: taking a JSON array apart costs the server more than the rows themselves.
std::string insertTextFor(int tasks) {
  const char* const row = R"((
    ?, ?, COALESCE(?, UNIX_TIMESTAMP()), UNIX_TIMESTAMP(), ?, 'scheduled', ?, ?, ?,
    COALESCE(?, UNIX_TIMESTAMP()), ?, ?, UNIX_TIMESTAMP() + ?, ?, ?
  ))";
  std::string text = R"(
  INSERT INTO {TaskQueue} (
    TaskHandlerClass, TaskData, ScheduledOn, QueuedOn, QueuedById, LastStatus, MaxRetries, Queue,
    Priority, NextRunOn, UniqueKey, ActiveKey, UniqueUntil, ConcurrencyKey, Title
  )
  VALUES
)";
  for (int i = 0; i < tasks; ++i) text += (i == 0 ? "" : ", ") + std::string(row);
  return text + " RETURNING Id";
}

// There are statements for 1 to 8 tasks and for 64: a connection keeps each that it has used prepared.
constexpr std::size_t kFewTasks = 8;
constexpr std::size_t kManyTasks = 64;
const std::array<Sql, kFewTasks + 1> kInsertTasks{{{"insert-1-task", insertTextFor(1)},
                                                   {"insert-2-tasks", insertTextFor(2)},
                                                   {"insert-3-tasks", insertTextFor(3)},
                                                   {"insert-4-tasks", insertTextFor(4)},
                                                   {"insert-5-tasks", insertTextFor(5)},
                                                   {"insert-6-tasks", insertTextFor(6)},
                                                   {"insert-7-tasks", insertTextFor(7)},
                                                   {"insert-8-tasks", insertTextFor(kFewTasks)},
                                                   {"insert-64-tasks", insertTextFor(kManyTasks)}}};

// Appends the values in the order of kInsertTasks.
void addValues(const NewTask& task, std::vector<Value>& to) {
  const Value scheduledOn = task.scheduledOn;
  const Value uniqueKey = task.uniqueKey;
  const Value uniqueSeconds = task.uniqueSeconds > 0 ? Value(std::int64_t{task.uniqueSeconds}) : nullptr;
  to.insert(to.end(),
            {task.taskHandlerClass, task.taskData, scheduledOn, task.queuedById,
             task.maxRetries.value_or(kDefaultMaxRetries), std::string(task.queue.value_or(kDefaultQueue)),
             task.priority.value_or(kDefaultPriority), scheduledOn, uniqueKey, uniqueKey, uniqueSeconds,
             task.concurrencyKey, task.title});
}

}  // namespace

std::vector<int> insertRows(Connection& connection, std::span<const NewTask* const> tasks) {
  std::vector<int> inserted;
  const auto sizeOfData = [](const NewTask* task) { return task->taskData.size(); };
  for (auto left : batchesOf(tasks, connection.batchBytes(), sizeOfData)) {
    while (!left.empty()) {
      const std::size_t count = left.size() >= kManyTasks ? kManyTasks : std::min(left.size(), kFewTasks);
      const Sql& insert = kInsertTasks.at(std::min(count, kInsertTasks.size()) - 1);
      std::vector<Value> values;
      for (const NewTask* task : left.first(count)) addValues(*task, values);
      for (Row& row : connection.query(insert, values)) inserted.push_back(row.as<int>());
      left = left.subspan(count);
    }
  }
  subscribe(connection, tasks, inserted);
  return inserted;
}

}  // namespace taskqueue::store
