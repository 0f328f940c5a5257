#include "module/store/errors/error_sums.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "module/queue/time_units.h"
#include "module/store/sql/failed_for_good.h"

namespace taskqueue::store {
namespace {

constexpr std::int64_t kFailedRunsAtOnce = 2000;

// Reads the failed runs of a span in the order of their ends. Served by the index FinishedOn, which ends with
// the Id, and the primary key.
const Sql kFailedRuns{"failed-runs", R"(
  SELECT r.FinishedOn, r.Id, t.TaskHandlerClass, r.ErrorCode, COALESCE(LEFT(r.ErrorMessage, 2000), ''),
    {failed_for_good}
  FROM {TaskRuns} r FORCE INDEX (FinishedOn)
  STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = r.TaskQueueId
  WHERE r.FinishedOn >= ?
    AND r.FinishedOn < ?
    AND (r.FinishedOn > ? OR r.Id > ?)
    AND r.Status IN ('error', 'timeout')
    AND t.TaskHandlerClass <> ''
  ORDER BY r.FinishedOn, r.Id
  LIMIT ?
)"};
// Served by the unique key HandlerFingerprint.
const Sql kFindErrorGroup{"find-error-group", R"(
  SELECT Id
  FROM {TaskErrorGroups} FORCE INDEX (HandlerFingerprint)
  WHERE TaskHandlerClass = ? AND Fingerprint = ?
)"};
const Sql kCountGroups{"count-error-groups", R"(
  SELECT (SELECT COUNT(*) FROM {TaskErrorGroups} FORCE INDEX (HandlerFingerprint) WHERE TaskHandlerClass = ?),
    (SELECT COUNT(*) FROM {TaskErrorGroups})
)"};
const Sql kAddGroup{"add-error-group", R"(
  INSERT INTO {TaskErrorGroups} (
    TaskHandlerClass, Fingerprint, ErrorCode, Pattern, State, FirstSeenOn, LastSeenOn, NewOn, LastTaskRunId
  )
  VALUES (?, ?, ?, ?, 'new', ?, ?, ?, ?)
  ON DUPLICATE KEY UPDATE Id = LAST_INSERT_ID(Id)
)"};
// A resolved group that fails after it was resolved is new again.
const Sql kSeeGroup{"see-error-group", R"(
  UPDATE {TaskErrorGroups}
  SET
    NewOn = IF(State = 'resolved' AND COALESCE(ChangedOn, 0) < ?, ?, NewOn),
    State = IF(State = 'resolved' AND COALESCE(ChangedOn, 0) < ?, 'new', State),
    LastSeenOn = GREATEST(COALESCE(LastSeenOn, 0), ?),
    LastTaskRunId = ?
  WHERE Id = ?
)"};
// Served by the unique key GroupHour.
const Sql kAddSums{"add-error-sums", R"(
  INSERT INTO {TaskErrorHours} (HourOn, TaskErrorGroupId, Failed, FailedForGood)
  VALUES (?, ?, ?, ?)
  ON DUPLICATE KEY UPDATE Failed = Failed + VALUES(Failed), FailedForGood = FailedForGood + VALUES(FailedForGood)
)"};
// Served by the primary key.
const Sql kSetGroupOfRun{"set-error-group-of-run", R"(
  UPDATE {TaskRuns}
  SET ErrorGroupId = ?
  WHERE Id = ?
)"};
const Sql kPruneErrorHours{"prune-error-hours", R"(
  DELETE FROM {TaskErrorHours}
  WHERE HourOn < ?
  LIMIT 5000
)"};
const Sql kPruneGroups{"prune-error-groups", R"(
  DELETE FROM {TaskErrorGroups}
  WHERE LastSeenOn < ?
  LIMIT 100
)"};

// The failed runs of one group within the minute.
struct Occurrences {
  UnixSeconds first = 0;
  UnixSeconds last = 0;
  std::int64_t failedForGood = 0;
  std::vector<int> runIds;
};

// Handler, error code and pattern.
using ErrorKind = std::tuple<std::string, std::string, std::string>;

std::map<ErrorKind, Occurrences> readFailedRuns(Connection& connection, UnixSeconds minute) {
  std::map<ErrorKind, Occurrences> kinds;
  UnixSeconds at = minute;
  std::int64_t after = INT32_MIN;
  for (std::size_t read = kFailedRunsAtOnce; read == kFailedRunsAtOnce;) {
    auto rows = connection.query(kFailedRuns, {at, minute + kMinuteSeconds, at, after, kFailedRunsAtOnce});
    read = rows.size();
    for (Row& row : rows) {
      const auto [finishedOn, id, handler, code, message, isFinal] =
          row.as<UnixSeconds, int, std::string, std::string, std::string, std::int64_t>();
      Occurrences& group = kinds[{handler, code, errorPattern(message)}];
      if (group.runIds.empty()) group.first = finishedOn;
      group.last = finishedOn;
      group.failedForGood += isFinal;
      group.runIds.push_back(id);
      at = finishedOn;
      after = id;
    }
  }
  return kinds;
}

std::optional<int> findErrorGroup(Connection& connection, const std::string& handler,
                                  const std::string& fingerprint) {
  auto rows = connection.query(kFindErrorGroup, {handler, fingerprint});
  return rows.empty() ? std::nullopt : std::optional(rows.front().as<int>());
}

// Finds the group or adds it. Beyond the limits it is the group of the handler's further errors.
int groupFor(Connection& connection, const ErrorKind& kind, const Occurrences& found) {
  const auto& [handler, code, pattern] = kind;
  const std::string fingerprint = errorFingerprint(code, pattern);
  if (const auto id = findErrorGroup(connection, handler, fingerprint)) return *id;
  const auto [ofHandler, all] =
      connection.query(kCountGroups, {handler}).at(0).as<std::int64_t, std::int64_t>();
  const bool isFull = ofHandler >= kMaxErrorGroupsOfHandler || all >= kMaxErrorGroups;
  if (isFull) {
    if (const auto id = findErrorGroup(connection, handler, "")) return *id;
  }
  connection.execute(kAddGroup, {handler, isFull ? std::string() : fingerprint, isFull ? std::string() : code,
                                 isFull ? std::string() : pattern, found.first, found.last, found.first,
                                 found.runIds.back()});
  return findErrorGroup(connection, handler, isFull ? "" : fingerprint).value();
}

}  // namespace

void sumUpErrors(StoreContext& context, UnixSeconds minute) {
  Connection& connection = context.connection;
  for (const auto& [kind, found] : readFailedRuns(connection, minute)) {
    const int id = groupFor(connection, kind, found);
    connection.execute(kSeeGroup, {found.last, found.last, found.last, found.last, found.runIds.back(), id});
    connection.execute(kAddSums, {minute - minute % kHourSeconds, id,
                                  static_cast<std::int64_t>(found.runIds.size()), found.failedForGood});
    for (const int runId : found.runIds) connection.execute(kSetGroupOfRun, {id, runId});
  }
}

void pruneErrors(StoreContext& context, UnixSeconds now) {
  context.connection.execute(kPruneErrorHours, {now - kHoursKeptSeconds});
  context.connection.execute(kPruneGroups, {now - kHoursKeptSeconds});
}

}  // namespace taskqueue::store
