// Keeps schedules and their firings.
#include "module/store/schedules/maria_schedules.h"
#include "module/store/tasks/task_insertion.h"

namespace taskqueue::store {
namespace {

const SqlPiece kScheduleColumns{"schedule_columns", R"(
  Id, Name, TaskHandlerClass, COALESCE(TaskData, '{}'), CronExpression, TimeZone, Missed,
  MissedLimit, Overlap, Enabled, Queue, Priority, MaxRetries, NotifyOn, NotifyTo, NotifyLanguage,
  LastFiredOn, NextFireOn, LastTaskQueueId, Problem, CreatedOn, CreatedById
)"};

// Served by the unique key Name.
const Sql kFindSchedules{"find-schedules", R"(
  SELECT {schedule_columns}
  FROM {TaskSchedules} FORCE INDEX (Name)
  ORDER BY Name
  LIMIT ?
)"};
// Served by the primary key.
const Sql kFindSchedule{"find-schedule", R"(
  SELECT {schedule_columns}
  FROM {TaskSchedules}
  WHERE Id = ?
)"};
// Served by the index NextFireOn.
const Sql kFindDueSchedules{"find-due-schedules", R"(
  SELECT {schedule_columns}
  FROM {TaskSchedules} FORCE INDEX (NextFireOn)
  WHERE NextFireOn <= ? AND Enabled = 1
  ORDER BY NextFireOn, Id
  LIMIT ?
)"};

const Sql kInsertSchedule{"insert-schedule", R"(
  INSERT INTO {TaskSchedules} (
    Name, TaskHandlerClass, TaskData, CronExpression, TimeZone, Missed, MissedLimit, Overlap,
    Enabled, Queue, Priority, MaxRetries, NotifyOn, NotifyTo, NotifyLanguage, NextFireOn,
    CreatedById, CreatedOn
  )
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, UNIX_TIMESTAMP())
  RETURNING Id
)"};

// Served by the primary key.
const Sql kUpdateSchedule{"update-schedule", R"(
  UPDATE {TaskSchedules} FORCE INDEX (PRIMARY)
  SET
    Name = ?,
    TaskHandlerClass = ?,
    TaskData = ?,
    CronExpression = ?,
    TimeZone = ?,
    Missed = ?,
    MissedLimit = ?,
    Overlap = ?,
    Enabled = ?,
    Queue = ?,
    Priority = ?,
    MaxRetries = ?,
    NotifyOn = ?,
    NotifyTo = ?,
    NotifyLanguage = ?,
    NextFireOn = ?,
    Problem = ''
  WHERE Id = ?
)"};

// Served by the unique key ScheduleFireOn, and by the primary key.
const Sql kDeleteFirings{"delete-firings", R"(
  DELETE FROM {TaskScheduleFirings}
  WHERE TaskScheduleId = ?
)"};
const Sql kDeleteSchedule{"delete-schedule", R"(
  DELETE FROM {TaskSchedules}
  WHERE Id = ?
)"};

// The caller that gets the lock fires the schedule; others go on without waiting. Served by the primary key.
const Sql kLockDueSchedule{"lock-due-schedule", R"(
  SELECT Id
  FROM {TaskSchedules} FORCE INDEX (PRIMARY)
  WHERE Id = ? AND NextFireOn = ? AND Enabled = 1
  FOR UPDATE SKIP LOCKED
)"};
const Sql kLockSchedule{"lock-schedule", R"(
  SELECT Name
  FROM {TaskSchedules} FORCE INDEX (PRIMARY)
  WHERE Id = ?
  FOR UPDATE
)"};

// Returns no row when the instant is recorded already. Served by the unique key ScheduleFireOn.
const Sql kRecordFiring{"record-firing", R"(
  INSERT IGNORE INTO {TaskScheduleFirings} (TaskScheduleId, FireOn, FiredOn, Outcome, MissedCount)
  VALUES (?, ?, UNIX_TIMESTAMP(), ?, ?)
  RETURNING Id
)"};
// Served by the primary key.
const Sql kRecordTask{"record-task", R"(
  UPDATE {TaskScheduleFirings} FORCE INDEX (PRIMARY)
  SET Outcome = ?, TaskQueueId = ?
  WHERE Id = ?
)"};
const Sql kNoteFired{"note-fired", R"(
  UPDATE {TaskSchedules} FORCE INDEX (PRIMARY)
  SET LastFiredOn = ?, LastTaskQueueId = ?
  WHERE Id = ?
)"};
const Sql kSetNextFire{"set-next-fire", R"(
  UPDATE {TaskSchedules} FORCE INDEX (PRIMARY)
  SET NextFireOn = ?, Problem = ?
  WHERE Id = ?
)"};

// Served by the unique key ScheduleFireOn, whose rows of one schedule are sorted by Id; the task by the primary
// key, its newest run by TaskQueueId (TaskQueueId, Attempt).
const Sql kFirings{"firings", R"(
  SELECT f.Id, f.FireOn, f.FiredOn, f.Outcome, f.MissedCount, f.TaskQueueId, t.LastStatus,
    (
      SELECT r.RunMs
      FROM {TaskRuns} r FORCE INDEX (TaskQueueId)
      WHERE r.TaskQueueId = t.Id
      ORDER BY r.Attempt DESC
      LIMIT 1
    )
  FROM (
    SELECT Id, FireOn, FiredOn, Outcome, MissedCount, TaskQueueId
    FROM {TaskScheduleFirings} FORCE INDEX (ScheduleFireOn)
    WHERE TaskScheduleId = ?
    ORDER BY Id DESC
    LIMIT ?
  ) f
  LEFT JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = f.TaskQueueId
  ORDER BY f.Id DESC
)"};

// An unknown word, written by hand, counts as the default.
Schedule readSchedule(Row& row) {
  Schedule schedule;
  ScheduleDefinition& definition = schedule.definition;
  row.into(schedule.id, definition.name, definition.taskHandlerClass, definition.taskData,
           definition.cronExpression, definition.timeZone, definition.missed, definition.missedLimit,
           definition.overlap, definition.enabled, definition.queue, definition.priority,
           definition.maxRetries, definition.notifyOn, definition.notifyTo, definition.notifyLanguage,
           schedule.lastFiredOn, schedule.nextFireOn, schedule.lastTaskQueueId, schedule.problem,
           schedule.createdOn, schedule.createdById);
  return schedule;
}

std::vector<Schedule> readSchedules(std::vector<Row> rows) {
  std::vector<Schedule> schedules;
  for (Row& row : rows) schedules.push_back(readSchedule(row));
  return schedules;
}

std::vector<Value> valuesOf(const ScheduleDefinition& definition, std::optional<UnixSeconds> nextFireOn) {
  return {definition.name,
          definition.taskHandlerClass,
          definition.taskData,
          definition.cronExpression,
          definition.timeZone,
          toString(definition.missed),
          definition.missedLimit,
          toString(definition.overlap),
          definition.enabled,
          definition.queue,
          definition.priority,
          definition.maxRetries,
          toString(definition.notifyOn),
          definition.notifyTo,
          definition.notifyLanguage,
          nextFireOn};
}

}  // namespace

std::vector<Schedule> MariaSchedules::findSchedules(int limit) {
  return readSchedules(connection_.query(kFindSchedules, {limit}));
}

std::optional<Schedule> MariaSchedules::findSchedule(int id) {
  auto rows = connection_.query(kFindSchedule, {id});
  return rows.empty() ? std::nullopt : std::optional(readSchedule(rows.front()));
}

std::vector<Schedule> MariaSchedules::findDueSchedules(UnixSeconds now, int limit) {
  return readSchedules(connection_.query(kFindDueSchedules, {now, limit}));
}

std::optional<int> MariaSchedules::addSchedule(const ScheduleDefinition& definition,
                                               std::optional<UnixSeconds> nextFireOn, int createdById) {
  std::vector<Value> values = valuesOf(definition, nextFireOn);
  values.emplace_back(std::int64_t{createdById});
  try {
    return context_.inTransaction([&] {
      const int id = connection_.query(kInsertSchedule, values).at(0).as<int>();
      context_.record("add", std::nullopt, "schedule " + definition.name, summarize(definition));
      return id;
    });
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::Conflict) throw;
    return std::nullopt;
  }
}

ScheduleChange MariaSchedules::changeSchedule(int id, const ScheduleDefinition& definition,
                                              std::optional<UnixSeconds> nextFireOn) {
  std::vector<Value> values = valuesOf(definition, nextFireOn);
  values.emplace_back(std::int64_t{id});
  try {
    return context_.inTransaction([&] {
      if (connection_.execute(kUpdateSchedule, values) != 1) return ScheduleChange::NoSuchSchedule;
      context_.record("change", std::nullopt, "schedule " + definition.name, summarize(definition));
      return ScheduleChange::Changed;
    });
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::Conflict) throw;
    return ScheduleChange::NameTaken;
  }
}

bool MariaSchedules::removeSchedule(int id) {
  return context_.inTransaction([&] {
    const std::int64_t key = id;
    auto locked = connection_.query(kLockSchedule, {key});
    if (locked.empty()) return false;
    context_.record("remove", std::nullopt, "schedule " + locked.front().as<std::string>());
    connection_.execute(kDeleteFirings, {key});
    return connection_.execute(kDeleteSchedule, {key}) == 1;
  });
}

FiringResult MariaSchedules::fireSchedule(const FiringPlan& plan) {
  return repeat(afterConflict(), [&] { return context_.inTransaction([&] { return fireOnce(plan); }); });
}

FiringResult MariaSchedules::fireOnce(const FiringPlan& plan) {
  const std::int64_t id = plan.taskScheduleId;
  const bool isOurs = plan.due ? !connection_.query(kLockDueSchedule, {id, *plan.due}).empty()
                               : !connection_.query(kLockSchedule, {id}).empty();
  if (!isOurs) return {};
  FiringResult result{.done = true, .tasks = {}};
  const auto record = [&](const Value& instant, FiringOutcome outcome, int missedCount) {
    return connection_.query(kRecordFiring, {id, instant, toString(outcome), missedCount});
  };
  for (const NewTask& task : plan.tasks) {
    const Value instant = plan.due ? Value(task.scheduledOn) : Value(nullptr);
    auto firing = record(instant, FiringOutcome::Fired, 0);
    if (firing.empty()) continue;
    const AddedTask added = insertOnce(context_, std::span(&task, 1), std::nullopt).outcome.tasks.at(0);
    const auto outcome = added.created ? FiringOutcome::Fired : FiringOutcome::Skipped;
    connection_.execute(kRecordTask, {toString(outcome), added.id, firing.front().as<int>()});
    if (added.created) connection_.execute(kNoteFired, {task.scheduledOn.value_or(0), added.id, id});
    result.tasks.push_back(added);
  }
  if (plan.firstMissed) record(*plan.firstMissed, FiringOutcome::Missed, plan.missedCount);
  const Value next = plan.nextFireOn;
  if (plan.due) connection_.execute(kSetNextFire, {next, plan.problem, id});
  return result;
}

std::vector<ScheduleFiring> MariaSchedules::firingsOfSchedule(int id, int limit) {
  std::vector<ScheduleFiring> firings;
  for (Row& row : connection_.query(kFirings, {id, limit})) {
    ScheduleFiring firing;
    row.into(firing.id, firing.fireOn, firing.firedOn, firing.outcome, firing.missedCount,
             firing.taskQueueId, firing.taskStatus, firing.runMs);
    firings.push_back(firing);
  }
  return firings;
}

}  // namespace taskqueue::store
