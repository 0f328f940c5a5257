// MariaTaskStore: how many tasks wait, and which of them is due longest. Counts are bounded: a backlog of
// millions costs no more than ten thousand.
#include <algorithm>

#include "module/store/due_on.h"
#include "module/store/maria_task_store.h"

namespace taskqueue::store {
namespace {

// Served by the index NextRunOn.
const Sql kWaiting{
    "count-waiting",
    "SELECT COUNT(*) FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (NextRunOn) WHERE NextRunOn IS NOT NULL "
    "LIMIT ?) x"};
const Sql kOldestDue{"oldest-due", "SELECT t.Id, " TASKQUEUE_DUE_ON
                                   " FROM {TaskQueue} t FORCE INDEX (NextRunOn) WHERE t.NextRunOn <> 0 AND "
                                   "t.NextRunOn <= UNIX_TIMESTAMP() AND " TASKQUEUE_MAY_RUN_AGAIN
                                   " ORDER BY t.NextRunOn, t.Id LIMIT 1"};
// Rows with NextRunOn 0 are sorted by Id, not by the time since when they are due.
const Sql kUnseen{
    "unseen", "SELECT t.Id, IF(" TASKQUEUE_IS_DUE " AND " TASKQUEUE_MAY_RUN_AGAIN ", " TASKQUEUE_DUE_ON
              ", NULL) FROM {TaskQueue} t FORCE INDEX (NextRunOn) WHERE t.NextRunOn = 0 AND t.Id > ? ORDER "
              "BY t.Id LIMIT ?"};
const Sql kCountRunning{
    "count-running",
    "SELECT COUNT(*) FROM (SELECT 1 FROM {TaskQueue} FORCE INDEX (LastStatus) WHERE LastStatus = 'running' "
    "LIMIT ?) x"};

// The next name and the next priority, each by one seek of the index Claim. A GROUP BY may be read as a
// whole: that is the optimizer's choice, and took 5 s of 5,000,000 rows.
const Sql kNextQueue{"next-queue", "SELECT MIN(Queue) FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue > ?"};
const Sql kNextLevel{
    "next-level",
    "SELECT MIN(Priority) FROM {TaskQueue} FORCE INDEX (Claim) WHERE Queue = ? AND Priority > ?"};
// Of one priority; served by the index Claim.
#define TASKQUEUE_OF_LEVEL " FROM {TaskQueue} t FORCE INDEX (Claim) WHERE t.Queue = ? AND t.Priority = ? AND "
const Sql kWaitingOfLevel{"waiting-of-level", "SELECT COUNT(*) FROM (SELECT 1" TASKQUEUE_OF_LEVEL
                                              "t.NextRunOn IS NOT NULL LIMIT ?) x"};
const Sql kOldestOfLevel{"oldest-of-level",
                         "SELECT t.Id, " TASKQUEUE_DUE_ON TASKQUEUE_OF_LEVEL
                         "t.NextRunOn <> 0 AND t.NextRunOn <= UNIX_TIMESTAMP() AND " TASKQUEUE_MAY_RUN_AGAIN
                         " ORDER BY t.NextRunOn, t.Id LIMIT 1"};
const Sql kUnseenOfLevel{"unseen-of-level",
                         "SELECT t.Id, IF(" TASKQUEUE_IS_DUE " AND " TASKQUEUE_MAY_RUN_AGAIN
                         ", " TASKQUEUE_DUE_ON ", NULL)" TASKQUEUE_OF_LEVEL
                         "t.NextRunOn = 0 AND t.Id > ? ORDER BY t.Id LIMIT ?"};
#undef TASKQUEUE_OF_LEVEL

// The task that is due longest.
struct Oldest {
  std::optional<UnixSeconds> dueOn;
  int id = 0;

  void take(int otherId, UnixSeconds otherDueOn) {
    if (dueOn && std::pair(*dueOn, id) <= std::pair(otherDueOn, otherId)) return;
    dueOn = otherDueOn;
    id = otherId;
  }
};

// `parameters` are those of both statements that stand before their own.
void findOldest(Connection& connection, const Sql& seen, const Sql& unseen,
                const std::vector<Value>& parameters, Oldest& oldest) {
  for (Row& row : connection.query(seen, parameters)) {
    const int id = row.number();
    oldest.take(id, row.integer());
  }
  std::int64_t lastId = INT32_MIN;
  bool anyDue = false;
  for (int read = 0; read < kMostUnseenRead && !anyDue; read += kUnseenPortion) {
    std::vector<Value> portion = parameters;
    portion.emplace_back(lastId);
    portion.emplace_back(std::int64_t{kUnseenPortion});
    auto rows = connection.query(unseen, portion);
    for (Row& row : rows) {
      const int id = row.number();
      lastId = id;
      const auto dueOn = row.optionalInteger();
      if (!dueOn) continue;
      oldest.take(id, *dueOn);
      anyDue = true;
    }
    if (static_cast<int>(rows.size()) < kUnseenPortion) return;
  }
}

}  // namespace

QueueNumbers MariaTaskStore::readQueueNumbers(int most) {
  QueueNumbers numbers;
  const std::int64_t limit = std::int64_t{most} + 1;
  numbers.waiting = BoundedCount::upTo(connection_.query(kWaiting, {limit}).at(0).integer(), most);
  numbers.running = BoundedCount::upTo(connection_.query(kCountRunning, {limit}).at(0).integer(), most);
  Oldest oldest;
  findOldest(connection_, kOldestDue, kUnseen, {}, oldest);
  numbers.oldestDue = oldest.dueOn;
  numbers.oldestTaskId = oldest.id;
  numbers.now = now();
  return numbers;
}

std::vector<QueueDepth> MariaTaskStore::readQueueDepths(int limit, int most) {
  constexpr int kBeforeAnyPriority = -32769;  // of a SMALLINT
  constexpr int kMostLevels = 20;  // of one queue: rows may have other priorities than the ten that count
  constexpr int kMostLevelsInAll = 2000;  // each costs three statements
  int levelsInAll = 0;
  std::vector<QueueDepth> depths;
  // A row with an empty name is in no queue: no runner can serve it.
  auto name = connection_.query(kNextQueue, {""}).at(0).optionalText();
  for (; name && static_cast<int>(depths.size()) < limit && levelsInAll < kMostLevelsInAll;
       name = connection_.query(kNextQueue, {*name}).at(0).optionalText()) {
    QueueDepth depth;
    depth.queue = *name;
    std::int64_t waiting = 0;
    Oldest oldest;
    const auto nextLevel = [&](std::int64_t after) {
      return connection_.query(kNextLevel, {depth.queue, after}).at(0).optionalInteger();
    };
    auto level = nextLevel(kBeforeAnyPriority);
    for (int levels = 0; level && levels < kMostLevels; ++levels, level = nextLevel(*level)) {
      ++levelsInAll;
      const std::vector<Value> ofLevel{depth.queue, *level};
      std::vector<Value> counted = ofLevel;
      counted.emplace_back(std::int64_t{most} + 1 - waiting);
      waiting += connection_.query(kWaitingOfLevel, counted).at(0).integer();
      findOldest(connection_, kOldestOfLevel, kUnseenOfLevel, ofLevel, oldest);
    }
    depth.waiting = BoundedCount::upTo(waiting, most);
    depth.oldestDue = oldest.dueOn;
    depth.oldestTaskId = oldest.id;
    depths.push_back(std::move(depth));
  }
  return depths;
}

}  // namespace taskqueue::store
