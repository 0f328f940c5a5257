// Changes tasks that wait.
#include "module/store/runners/open_runs.h"
#include "module/store/tasks/maria_tasks.h"

namespace taskqueue::store {
namespace {

// Served by the primary key.
const Sql kChangeTask{"change-task", R"(
  UPDATE {TaskQueue} FORCE INDEX (PRIMARY)
  SET
    Title = ?,
    TaskData = ?,
    Queue = ?,
    Priority = ?,
    MaxRetries = ?,
    ScheduledOn = ?,
    NextRunOn = ?,
    ParkedReason = ''
  WHERE Id = ?
)"};
const Sql kNow{"change-task-now", R"(
  SELECT UNIX_TIMESTAMP()
)"};

}  // namespace

ChangeOutcome MariaTasks::changeTask(int id, const TaskChange& change, const std::optional<std::string>& onlyIf) {
  return context_.inTransaction([&] {
    const auto locked = lockTask(connection_, id);
    if (!locked) return ChangeOutcome::NoSuchTask;
    const auto open = lockOpenRun(connection_, id);
    if (open && open->isRunning) return ChangeOutcome::Running;
    if (!locked->waits) return ChangeOutcome::Ended;
    const auto before = findTask(id);
    if (!before) return ChangeOutcome::NoSuchTask;
    if (onlyIf && versionOf(*before) != *onlyIf) return ChangeOutcome::VersionDiffers;
    const TaskChange wanted = withoutSame(change, *before);
    if (isEmpty(wanted)) return ChangeOutcome::Changed;
    if (wanted.maxRetries && *wanted.maxRetries <= before->taskRunsFailed) return ChangeOutcome::TooFewTries;
    const auto now = connection_.query(kNow, {}).at(0).as<UnixSeconds>();
    const Task after = changed(*before, wanted, now);
    connection_.execute(kChangeTask, {after.title, after.taskData, after.queue, after.priority, after.maxRetries,
                                      after.scheduledOn, after.nextRunOn, id});
    context_.record("change", id, "", describeChange(*before, wanted));
    return ChangeOutcome::Changed;
  });
}

}  // namespace taskqueue::store
