#include "module/store/runners/completion_notices.h"

#include <set>

#include "module/json/notification.h"
#include "module/json/writer.h"
#include "module/store/sql/columns.h"
#include "module/store/sql/ended_tasks.h"
#include "module/store/tasks/maria_tasks.h"
#include "module/store/tasks/task_rows.h"

namespace taskqueue::store {
namespace {

const SqlPiece kNotifyColumns{"notify_columns", R"(
  t.NotifyOn, t.NotifyTo, t.NotifyLanguage, t.NotificationTaskId
)"};

// Served by the primary key.
const Sql kSubscribe{"subscribe", R"(
  UPDATE JSON_TABLE(?, '$[*]' COLUMNS (
    Id INT PATH '$.q', NotifyOn VARCHAR(20) PATH '$.on', NotifyTo VARCHAR(500) PATH '$.to',
    NotifyLanguage VARCHAR(20) PATH '$.l'
  )) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  SET
    t.NotifyOn = v.NotifyOn,
    t.NotifyTo = v.NotifyTo,
    t.NotifyLanguage = v.NotifyLanguage
)"};

// Finds those of these tasks that have ended and have no notification yet. Served by the primary key and the
// unique key OpenTaskQueueId.
const Sql kTasksToNotify{"tasks-to-notify", R"(
  SELECT {listed_task_columns}, {notify_columns}, UNIX_TIMESTAMP()
  FROM JSON_TABLE(?, '$[*]' COLUMNS (Id INT PATH '$')) v
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = v.Id
  WHERE t.NotifyOn IN ('success', 'failure', 'both')
    AND t.NotificationTaskId IS NULL
    AND {has_ended}
)"};

// Served by the index TaskQueueId (TaskQueueId, Attempt).
const Sql kNewestRun{"newest-run", R"(
  SELECT {run_columns}
  FROM {TaskRuns} r FORCE INDEX (TaskQueueId)
  WHERE r.TaskQueueId = ?
  ORDER BY r.Attempt DESC
  LIMIT 1
)"};

// Finds the notification of this very end. Served by the unique key ActiveKey.
const Sql kFindMessage{"find-message", R"(
  SELECT Id
  FROM {TaskQueue} FORCE INDEX (ActiveKey)
  WHERE ActiveKey = ?
)"};

// Served by the primary key.
const Sql kNoteNotified{"note-notified", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET NotificationTaskId = ?
  WHERE Id = ?
)"};
const Sql kTaskNotification{"notification-of-task", R"(
  SELECT {notify_columns}
  FROM {TaskQueue} t
  WHERE t.Id = ?
)"};

// An unknown word, written by hand, requests no notification.
TaskNotification readNotification(Row& row) {
  TaskNotification notify;
  row.next(notify.on, notify.to, notify.language, notify.taskId);
  return notify;
}

}  // namespace

void subscribe(Connection& connection, std::span<const NewTask* const> tasks, std::span<const int> ids) {
  json::Writer rows;
  rows.startArray();
  bool any = false;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const NewTask& task = *tasks[i];
    if (task.notifyOn == NotifyOn::Never) continue;
    rows.startObject().member("q", ids[i]).member("on", toString(task.notifyOn)).member("to", task.notifyTo);
    rows.member("l", task.notifyLanguage).endObject();
    any = true;
  }
  if (any) connection.execute(kSubscribe, {rows.endArray().text()});
}

void notifyCompleted(Connection& connection, const std::vector<int>& taskIds) {
  if (taskIds.empty()) return;
  json::Writer ids;
  ids.startArray();
  for (const int id : std::set<int>(taskIds.begin(), taskIds.end())) ids.value(id);
  std::vector<NewTask> notifications;
  std::vector<int> notified;
  const auto note = [&connection](int messageId, int taskId) {
    connection.execute(kNoteNotified, {messageId, taskId});
  };
  for (Row& row : connection.query(kTasksToNotify, {ids.endArray().text()})) {
    EndedTask ended;
    ended.task = readTask(row);
    ended.notify = readNotification(row);
    const auto now = row.as<UnixSeconds>();
    if (!isNotified(ended.notify.on, ended.task.lastStatus)) continue;
    auto run = connection.query(kNewestRun, {ended.task.id});
    if (!run.empty()) ended.run = readRun(run.front());
    NewTask notification = json::makeNotification(ended, now);
    // An old copy of the row, restored by an editor, does not know its notification.
    if (auto message = connection.query(kFindMessage, {notification.uniqueKey}); !message.empty()) {
      note(message.front().as<int>(), ended.task.id);
      continue;
    }
    notified.push_back(ended.task.id);
    notifications.push_back(std::move(notification));
  }
  if (notified.empty()) return;
  std::vector<const NewTask*> fresh;
  for (const NewTask& task : notifications) fresh.push_back(&task);
  const std::vector<int> inserted = insertRows(connection, fresh);
  for (std::size_t i = 0; i < notified.size(); ++i) note(inserted.at(i), notified[i]);
}

TaskNotification MariaTasks::findNotification(int taskQueueId) {
  auto rows = connection_.query(kTaskNotification, {taskQueueId});
  return rows.empty() ? TaskNotification() : readNotification(rows.front());
}

}  // namespace taskqueue::store
