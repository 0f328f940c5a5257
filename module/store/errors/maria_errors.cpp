#include "module/store/errors/maria_errors.h"

#include "module/queue/time_units.h"

namespace taskqueue::store {
namespace {

// Served by the index HourOn and the primary key.
const Sql kFindErrorGroups{"find-error-groups", R"(
  SELECT g.Id, g.TaskHandlerClass, g.ErrorCode, g.Pattern, g.State, g.FirstSeenOn, g.LastSeenOn, g.NewOn,
    g.LastTaskRunId, x.Failed, x.FailedForGood
  FROM (
    SELECT TaskErrorGroupId, SUM(Failed) AS Failed, SUM(FailedForGood) AS FailedForGood
    FROM {TaskErrorHours} FORCE INDEX (HourOn)
    WHERE HourOn >= ?
    GROUP BY TaskErrorGroupId
  ) x
  STRAIGHT_JOIN {TaskErrorGroups} g FORCE INDEX (PRIMARY) ON g.Id = x.TaskErrorGroupId
  WHERE (? = '' OR g.TaskHandlerClass = ?)
    AND (? = '' OR g.State = ?)
  ORDER BY x.Failed DESC, g.Id DESC
  LIMIT ?
)"};
// Served by the unique key GroupHour.
const Sql kErrorParts{"error-parts", R"(
  SELECT HourOn - MOD(HourOn, ?) AS Part, SUM(Failed)
  FROM {TaskErrorHours} FORCE INDEX (GroupHour)
  WHERE TaskErrorGroupId = ? AND HourOn >= ?
  GROUP BY Part
  ORDER BY Part
)"};
// Looks at the newest tasks of a status and at the newest run of each. Served by the index LastStatus and the
// index TaskQueueId (TaskQueueId, Attempt).
const Sql kTasksOfGroups{"tasks-of-error-groups", R"(
  SELECT r.ErrorGroupId, SUM(t.NextRunOn IS NULL AND t.ParkedReason = ''),
    SUM(t.NextRunOn IS NOT NULL AND t.ParkedReason = '')
  FROM (
    SELECT Id, NextRunOn, ParkedReason
    FROM {TaskQueue} FORCE INDEX (LastStatus)
    WHERE LastStatus = ?
    ORDER BY Id DESC
    LIMIT ?
  ) t
  STRAIGHT_JOIN {TaskRuns} r
    ON r.Id = (
      SELECT n.Id
      FROM {TaskRuns} n FORCE INDEX (TaskQueueId)
      WHERE n.TaskQueueId = t.Id
      ORDER BY n.Attempt DESC
      LIMIT 1
    )
  WHERE r.ErrorGroupId IS NOT NULL
  GROUP BY r.ErrorGroupId
)"};
// Served by the primary key.
const Sql kGroupOf{"error-group", R"(
  SELECT TaskHandlerClass, ErrorCode
  FROM {TaskErrorGroups}
  WHERE Id = ?
  FOR UPDATE
)"};
const Sql kSetGroupState{"set-error-group-state", R"(
  UPDATE {TaskErrorGroups}
  SET State = ?, ChangedOn = UNIX_TIMESTAMP()
  WHERE Id = ?
)"};

}  // namespace

std::vector<ErrorGroup> MariaErrors::findErrorGroups(const ErrorGroupFilter& filter) {
  const UnixSeconds hour = filter.from - filter.from % kHourSeconds;
  const std::string handler = filter.taskHandlerClass.value_or("");
  const std::string state = filter.state ? std::string(toString(*filter.state)) : "";
  std::vector<ErrorGroup> groups;
  for (Row& row : connection_.query(kFindErrorGroups, {hour, handler, handler, state, state, filter.limit})) {
    ErrorGroup group;
    std::string word;
    std::optional<int> lastRun;
    row.into(group.id, group.taskHandlerClass, group.errorCode, group.pattern, word, group.firstSeenOn,
             group.lastSeenOn, group.newOn, lastRun, group.failed, group.failedForGood);
    group.state = parseErrorGroupState(word).value_or(ErrorGroupState::New);
    group.lastRunId = lastRun.value_or(0);
    groups.push_back(std::move(group));
  }
  return groups;
}

std::vector<ErrorPart> MariaErrors::readErrorParts(const std::vector<int>& groupIds, UnixSeconds from,
                                                   int seconds) {
  std::vector<ErrorPart> parts;
  for (const int id : groupIds) {
    for (Row& row : connection_.query(kErrorParts, {seconds, id, from - from % kHourSeconds})) {
      const auto [begin, failed] = row.as<UnixSeconds, std::int64_t>();
      parts.push_back({id, begin, failed});
    }
  }
  return parts;
}

std::map<int, ErrorGroupTasks> MariaErrors::countTasksOfErrorGroups(int max) {
  std::map<int, ErrorGroupTasks> groups;
  for (const RunStatus status : {RunStatus::Error, RunStatus::Timeout}) {
    for (Row& row : connection_.query(kTasksOfGroups, {toString(status), max})) {
      const auto [id, failed, retrying] = row.as<int, std::int64_t, std::int64_t>();
      (status == RunStatus::Error ? groups[id].failed : groups[id].lost) += failed;
      groups[id].retrying += retrying;
    }
  }
  return groups;
}

bool MariaErrors::setErrorGroupState(int id, ErrorGroupState state) {
  return context_.inTransaction([&] {
    auto rows = connection_.query(kGroupOf, {id});
    if (rows.empty()) return false;
    const auto [handler, code] = rows.front().as<std::string, std::string>();
    connection_.execute(kSetGroupState, {toString(state), id});
    context_.record("error group", std::nullopt, handler + " " + code, std::string(toString(state)));
    return true;
  });
}

}  // namespace taskqueue::store
