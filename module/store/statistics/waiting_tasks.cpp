// Counts waiting tasks, and finds the one that has been due longest. Counts are bounded: a backlog of
// millions costs no more than ten thousand.
#include <algorithm>

#include "module/store/maria_clock.h"
#include "module/store/sql/due_on.h"
#include "module/store/statistics/maria_statistics.h"

namespace taskqueue::store {
namespace {

// Served by the index NextRunOn.
const Sql kWaiting{"count-waiting", R"(
  SELECT COUNT(*)
  FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (NextRunOn) WHERE NextRunOn IS NOT NULL LIMIT ?) x
)"};
const Sql kOldestDue{"oldest-due", R"(
  SELECT t.Id, {due_on}
  FROM {TaskQueue} t FORCE INDEX (NextRunOn)
  WHERE t.NextRunOn <> 0
    AND t.NextRunOn <= UNIX_TIMESTAMP()
    AND {may_run_again}
  ORDER BY t.NextRunOn, t.Id
  LIMIT 1
)"};
// Rows with NextRunOn 0 are sorted by Id, not by the time since when they are due.
const Sql kNewTasks{"new-tasks", R"(
  SELECT t.Id, IF({is_due} AND {may_run_again}, {due_on}, NULL)
  FROM {TaskQueue} t FORCE INDEX (NextRunOn)
  WHERE t.NextRunOn = 0 AND t.Id > ?
  ORDER BY t.Id
  LIMIT ?
)"};
const Sql kCountRunning{"count-running", R"(
  SELECT COUNT(*)
  FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (LastStatus) WHERE LastStatus = 'running' LIMIT ?) x
)"};

// These find the next name and the next priority, each by one seek of the index Claim. A GROUP BY may read
// the whole index: the optimizer chooses, and took 5 s for 5,000,000 rows.
const Sql kNextQueue{"next-queue", R"(
  SELECT MIN(Queue)
  FROM {TaskQueue} FORCE INDEX (Claim)
  WHERE Queue > ?
)"};
const Sql kNextBand{"next-band", R"(
  SELECT MIN(Priority)
  FROM {TaskQueue} FORCE INDEX (Claim)
  WHERE Queue = ? AND Priority > ?
)"};
// These read one priority band; served by the index Claim.
const SqlPiece kOfBand{"of_band", R"(
  {TaskQueue} t FORCE INDEX (Claim)
  WHERE t.Queue = ? AND t.Priority = ?
)"};
const Sql kWaitingOfBand{"waiting-of-band", R"(
  SELECT COUNT(*)
  FROM (SELECT 1 FROM {of_band} AND t.NextRunOn IS NOT NULL LIMIT ?) x
)"};
const Sql kOldestOfBand{"oldest-of-band", R"(
  SELECT t.Id, {due_on}
  FROM {of_band}
    AND t.NextRunOn <> 0
    AND t.NextRunOn <= UNIX_TIMESTAMP()
    AND {may_run_again}
  ORDER BY t.NextRunOn, t.Id
  LIMIT 1
)"};
const Sql kNewOfBand{"new-of-band", R"(
  SELECT t.Id, IF({is_due} AND {may_run_again}, {due_on}, NULL)
  FROM {of_band} AND t.NextRunOn = 0 AND t.Id > ?
  ORDER BY t.Id
  LIMIT ?
)"};

// The task that has been due longest.
struct Oldest {
  std::optional<UnixSeconds> dueOn;
  int id = 0;

  void take(int otherId, UnixSeconds otherDueOn) {
    if (dueOn && std::pair(*dueOn, id) <= std::pair(otherDueOn, otherId)) return;
    dueOn = otherDueOn;
    id = otherId;
  }
};

// `parameters` precede the own parameters of both statements.
void findOldest(Connection& connection, const Sql& seen, const Sql& newRows,
                const std::vector<Value>& parameters, Oldest& oldest) {
  for (Row& row : connection.query(seen, parameters)) {
    const auto [id, dueOn] = row.as<int, UnixSeconds>();
    oldest.take(id, dueOn);
  }
  std::int64_t lastId = INT32_MIN;
  bool anyDue = false;
  for (int read = 0; read < kMaxNewTasksRead && !anyDue; read += kNewTasksBatch) {
    std::vector<Value> batch = parameters;
    batch.emplace_back(lastId);
    batch.emplace_back(std::int64_t{kNewTasksBatch});
    auto rows = connection.query(newRows, batch);
    for (Row& row : rows) {
      const auto [id, dueOn] = row.as<int, std::optional<UnixSeconds>>();
      lastId = id;
      if (!dueOn) continue;
      oldest.take(id, *dueOn);
      anyDue = true;
    }
    if (static_cast<int>(rows.size()) < kNewTasksBatch) return;
  }
}

}  // namespace

QueueNumbers MariaStatistics::readQueueNumbers(int max) {
  QueueNumbers numbers;
  const std::int64_t limit = std::int64_t{max} + 1;
  numbers.waiting = BoundedCount::upTo(connection_.query(kWaiting, {limit}).at(0).as<std::int64_t>(), max);
  numbers.running =
      BoundedCount::upTo(connection_.query(kCountRunning, {limit}).at(0).as<std::int64_t>(), max);
  Oldest oldest;
  findOldest(connection_, kOldestDue, kNewTasks, {}, oldest);
  numbers.oldestDue = oldest.dueOn;
  numbers.oldestTaskId = oldest.id;
  numbers.now = MariaClock(context_).now();
  return numbers;
}

std::vector<QueueDepth> MariaStatistics::readQueueDepths(int limit, int max) {
  constexpr int kBeforeAnyPriority = -32769;  // below every SMALLINT
  constexpr int kMaxBands = 20;          // per queue: rows may have other priorities than the ten valid ones
  constexpr int kMaxLevelsInAll = 2000;  // each costs three statements
  int levelsInAll = 0;
  std::vector<QueueDepth> depths;
  // A row with an empty name is in no queue: no runner can serve it.
  auto name = connection_.query(kNextQueue, {""}).at(0).as<std::optional<std::string>>();
  for (; name && static_cast<int>(depths.size()) < limit && levelsInAll < kMaxLevelsInAll;
       name = connection_.query(kNextQueue, {*name}).at(0).as<std::optional<std::string>>()) {
    QueueDepth depth;
    depth.queue = *name;
    std::int64_t waiting = 0;
    Oldest oldest;
    const auto nextBand = [&](std::int64_t after) {
      return connection_.query(kNextBand, {depth.queue, after}).at(0).as<std::optional<std::int64_t>>();
    };
    auto level = nextBand(kBeforeAnyPriority);
    for (int levels = 0; level && levels < kMaxBands; ++levels, level = nextBand(*level)) {
      ++levelsInAll;
      const std::vector<Value> ofBand{depth.queue, *level};
      std::vector<Value> counted = ofBand;
      counted.emplace_back(std::int64_t{max} + 1 - waiting);
      waiting += connection_.query(kWaitingOfBand, counted).at(0).as<std::int64_t>();
      findOldest(connection_, kOldestOfBand, kNewOfBand, ofBand, oldest);
    }
    depth.waiting = BoundedCount::upTo(waiting, max);
    depth.oldestDue = oldest.dueOn;
    depth.oldestTaskId = oldest.id;
    depths.push_back(std::move(depth));
  }
  return depths;
}

}  // namespace taskqueue::store
