// Reads facts about the queue's health. Each statement is a few seeks, or bounded by its LIMIT, whatever
// the history is.
#include "module/store/sql/due_on.h"
#include "module/store/statistics/maria_statistics.h"

namespace taskqueue::store {
namespace {

// Served by the index StartedOn of TaskRuns and the index FinishedOn of TaskRunners: the last entry of each.
const Sql kLastSigns{"last-signs", R"(
  SELECT UNIX_TIMESTAMP(), (SELECT MAX(StartedOn) FROM {TaskRuns}),
    (SELECT MAX(FinishedOn) FROM {TaskRunners}), @@max_allowed_packet, @@hostname, @@datadir
)"};

// Served by the index FinishedOn.
const Sql kLostRunners{"lost-runners", R"(
  SELECT Id, HostName, FinishedOn
  FROM {TaskRunners} FORCE INDEX (FinishedOn)
  WHERE FinishedOn >= ? AND Status = 'timeout'
  ORDER BY FinishedOn DESC
  LIMIT ?
)"};

// These find the next class and its next reason, each by one seek of the index TaskHandlerClass
// (TaskHandlerClass, ParkedReason).
const Sql kNextClass{"next-class", R"(
  SELECT MIN(TaskHandlerClass)
  FROM {TaskQueue} FORCE INDEX (TaskHandlerClass)
  WHERE TaskHandlerClass > ?
)"};
const Sql kNextReason{"next-reason", R"(
  SELECT MIN(ParkedReason)
  FROM {TaskQueue} FORCE INDEX (TaskHandlerClass)
  WHERE TaskHandlerClass = ? AND ParkedReason > ?
)"};
// Served by the same index, in which entries with equal columns are sorted by Id.
const Sql kParkedTasks{"parked-tasks", R"(
  SELECT COUNT(*), MIN(x.Id)
  FROM (
    SELECT Id
    FROM {TaskQueue} FORCE INDEX (TaskHandlerClass)
    WHERE TaskHandlerClass = ? AND ParkedReason = ?
    LIMIT ?
  ) x
)"};
// Served by the primary key.
const Sql kParkedSince{"parked-since", R"(
  SELECT {first_due_on}
  FROM {TaskQueue} t
  WHERE t.Id = ?
)"};

// Served by the unique key MinuteOn.
const Sql kOutcomes{"handler-outcomes", R"(
  SELECT TaskHandlerClass, SUM(Succeeded), SUM(Failed), SUM(FailedForGood), SUM(Unwritable),
    MIN(IF(Failed > 0, MinuteOn, NULL))
  FROM {TaskQueueMinutes} FORCE INDEX (MinuteOn)
  WHERE MinuteOn >= ? AND TaskHandlerClass <> ''
  GROUP BY TaskHandlerClass
  LIMIT 1000
)"};
// Served by the index HandlerMinute alone.
const Sql kOutcomeOfHandler{"outcome-of-handler", R"(
  SELECT COALESCE(SUM(Succeeded), 0), COALESCE(SUM(Failed), 0)
  FROM {TaskQueueMinutes} FORCE INDEX (HandlerMinute)
  WHERE TaskHandlerClass = ?
    AND MinuteOn >= ?
    AND MinuteOn < ?
)"};

// The names of all our tables begin so, and the server opens those alone. For a list of names in
// information_schema.TABLES it opens all tables of the site, and for a UNION it makes a temporary table for
// each.
const Sql kTables{"table-status", R"(
  SHOW TABLE STATUS LIKE '{Task}%'
)"};

constexpr int kMaxClasses = 1000;
constexpr int kMaxReasons = 100;         // per class: each key at its limit has its own reason
constexpr std::size_t kMaxParked = 500;  // pairs of class and reason at once: each costs three statements

ParkedTasks readParkedFor(Connection& connection, const std::string& name, const std::string& reason) {
  ParkedTasks parked;
  parked.taskHandlerClass = name;
  parked.reason = reason;
  auto counted = connection.query(kParkedTasks, {name, reason, std::int64_t{kMaxParkedCounted} + 1});
  const auto [tasks, oldestTaskId] = counted.at(0).as<std::int64_t, int>();
  parked.tasks = BoundedCount::upTo(tasks, kMaxParkedCounted);
  parked.oldestTaskId = oldestTaskId;
  auto since = connection.query(kParkedSince, {parked.oldestTaskId});
  if (!since.empty()) parked.since = since.front().as<std::optional<UnixSeconds>>();
  return parked;
}

std::vector<ParkedTasks> readParked(Connection& connection) {
  std::vector<ParkedTasks> found;
  auto name = connection.query(kNextClass, {""}).at(0).as<std::optional<std::string>>();
  for (int classes = 0; name && classes < kMaxClasses && found.size() < kMaxParked; ++classes) {
    auto reason = connection.query(kNextReason, {*name, ""}).at(0).as<std::optional<std::string>>();
    for (int reasons = 0; reason && reasons < kMaxReasons && found.size() < kMaxParked; ++reasons) {
      found.push_back(readParkedFor(connection, *name, *reason));
      reason = connection.query(kNextReason, {*name, *reason}).at(0).as<std::optional<std::string>>();
    }
    name = connection.query(kNextClass, {*name}).at(0).as<std::optional<std::string>>();
  }
  return found;
}

std::vector<HandlerOutcome> readOutcomes(Connection& connection, UnixSeconds from) {
  std::vector<HandlerOutcome> outcomes;
  for (Row& row : connection.query(kOutcomes, {from})) {
    HandlerOutcome outcome;
    row.into(outcome.taskHandlerClass, outcome.succeeded, outcome.failed, outcome.failedForGood,
             outcome.unwritable, outcome.failingSince);
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::vector<TableIds> readIds(Connection& connection) {
  constexpr int kBetween = 9;  // columns between Name and Auto_increment
  std::vector<TableIds> tables;
  for (Row& row : connection.query(kTables)) {
    TableIds table;
    row.next(table.table);
    row.skip(kBetween);
    std::optional<std::int64_t> next;
    row.next(next);
    if (!next) continue;
    table.nextId = *next;
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace

HealthFacts MariaStatistics::readHealthFacts(std::int64_t spanSeconds) {
  HealthFacts facts;
  auto signs = connection_.query(kLastSigns);
  Row& row = signs.at(0);
  row.into(facts.now, facts.runStartedOn, facts.runnerEndedOn, facts.packetBytes, facts.hostName,
           facts.dataDirectory);
  const UnixSeconds from = facts.now - spanSeconds;
  for (Row& lost : connection_.query(kLostRunners, {from, kMaxLostRunners})) {
    LostRunner runner;
    lost.into(runner.id, runner.hostName, runner.lostOn);
    facts.lostRunners.push_back(std::move(runner));
  }
  facts.parked = readParked(connection_);
  facts.outcomes = readOutcomes(connection_, from);
  facts.ids = readIds(connection_);
  return facts;
}

HandlerOutcome MariaStatistics::readOutcomeOfHandler(std::string_view taskHandlerClass, UnixSeconds from,
                                                     UnixSeconds until) {
  HandlerOutcome outcome;
  outcome.taskHandlerClass = std::string(taskHandlerClass);
  auto rows = connection_.query(kOutcomeOfHandler, {outcome.taskHandlerClass, from, until});
  rows.at(0).into(outcome.succeeded, outcome.failed);
  return outcome;
}

}  // namespace taskqueue::store
