// Keeps the statistics minutes. A minute is summed up once, when it is over, from the index FinishedOn; a
// run's end adds nothing to it.
#include "module/queue/time_units.h"
#include "module/store/errors/error_sums.h"
#include "module/store/sql/due_on.h"
#include "module/store/sql/failed_for_good.h"
#include "module/store/statistics/hour_sums.h"
#include "module/store/statistics/maria_statistics.h"
#include "module/store/statistics/minute_sums.h"

namespace taskqueue::store {
namespace {

// A run's end is dated when it is written. It is visible after the COMMIT, at most this much later.
constexpr std::int64_t kCommitSeconds = 15;
constexpr std::int64_t kRetentionSeconds = 8 * 86400;

// Served by the unique key MinuteOn.
const Sql kNextMinute{"next-minute", R"(
  SELECT COALESCE((SELECT MAX(MinuteOn) FROM {TaskQueueMinutes}), 0), UNIX_TIMESTAMP()
)"};
// Served by the index FinishedOn.
const Sql kFirstFinish{"first-finish", R"(
  SELECT FinishedOn
  FROM {TaskRuns} FORCE INDEX (FinishedOn)
  WHERE FinishedOn >= ?
  ORDER BY FinishedOn
  LIMIT 1
)"};
// This row says that a minute is complete; the transaction that inserts it sums up.
const Sql kLockMinute{"lock-minute", R"(
  INSERT IGNORE INTO {TaskQueueMinutes} (MinuteOn, TaskHandlerClass, Queue)
  VALUES (?, '', '')
)"};
// Served by the index FinishedOn and the primary key.
const Sql kSumUp{"sum-up-minute", R"(
  INSERT INTO {TaskQueueMinutes} (
    MinuteOn, TaskHandlerClass, Queue, Succeeded, Failed, Cancelled, RunMsTotal, FirstRuns,
    WaitSecondsTotal, FailedForGood, Unwritable, RunMsHistogram
  )
  SELECT ?, g.TaskHandlerClass, g.Queue, SUM(g.Succeeded), SUM(g.Failed), SUM(g.Cancelled),
    SUM(g.RunMsTotal), SUM(g.FirstRuns), SUM(g.WaitSeconds), SUM(g.FailedForGood),
    SUM(g.Unwritable), GROUP_CONCAT(CONCAT(g.Bucket, ':', g.Runs) ORDER BY g.Bucket SEPARATOR ' ')
  FROM (
    SELECT t.TaskHandlerClass, t.Queue,
      FLOOR(4 * LOG2(1 + GREATEST(0, r.RunMs))) AS Bucket, COUNT(*) AS Runs,
      SUM(r.Status = 'success') AS Succeeded, SUM(r.Status IN ('error', 'timeout')) AS Failed,
      SUM(r.Status = 'cancelled') AS Cancelled, SUM(GREATEST(0, r.RunMs)) AS RunMsTotal,
      SUM(r.Attempt = 1 AND r.StartedOn IS NOT NULL) AS FirstRuns,
      SUM(
        IF(r.Attempt = 1 AND r.StartedOn IS NOT NULL, GREATEST(0, r.StartedOn - {first_due_on}), 0)
      ) AS WaitSeconds,
      SUM({failed_for_good}) AS FailedForGood,
      SUM(r.ErrorCode = 'unwritable') AS Unwritable
    FROM {TaskRuns} r FORCE INDEX (FinishedOn)
    STRAIGHT_JOIN {TaskQueue} t FORCE INDEX (PRIMARY) ON t.Id = r.TaskQueueId
    WHERE r.FinishedOn >= ?
      AND r.FinishedOn < ?
      AND t.TaskHandlerClass <> ''
    GROUP BY t.TaskHandlerClass, t.Queue, Bucket
  ) g
  GROUP BY g.TaskHandlerClass, g.Queue
)"};
const Sql kPruneMinutes{"prune-minutes", R"(
  DELETE FROM {TaskQueueMinutes}
  WHERE MinuteOn < ?
  LIMIT 5000
)"};

const SqlPiece kSums{"minute_sums", R"(
  COALESCE(SUM(Succeeded), 0), COALESCE(SUM(Failed), 0), COALESCE(SUM(Cancelled), 0),
  COALESCE(SUM(RunMsTotal), 0), COALESCE(SUM(FirstRuns), 0), COALESCE(SUM(WaitSecondsTotal), 0)
)"};
// Served by the unique key MinuteOn.
const Sql kMinutes{"minutes", R"(
  SELECT MinuteOn - MOD(MinuteOn, ?) AS Part, {minute_sums}
  FROM {TaskQueueMinutes}
  WHERE MinuteOn >= ? AND TaskHandlerClass <> ''
  GROUP BY Part
  ORDER BY Part
  LIMIT 2000
)"};
const Sql kMinutesByQueue{"minutes-by-queue", R"(
  SELECT Queue, {minute_sums}
  FROM {TaskQueueMinutes}
  WHERE MinuteOn >= ? AND TaskHandlerClass <> ''
  GROUP BY Queue
  LIMIT 1000
)"};
const Sql kMinutesByHandler{"minutes-by-handler", R"(
  SELECT TaskHandlerClass, {all_minute_columns}
  FROM {TaskQueueMinutes}
  WHERE MinuteOn >= ? AND TaskHandlerClass <> ''
  LIMIT 100000
)"};

}  // namespace

MinuteStats readSums(Row& row) {
  MinuteStats sums;
  row.next(sums.succeeded, sums.failed, sums.cancelled, sums.runMsTotal, sums.firstRuns,
           sums.waitSecondsTotal);
  return sums;
}

void addSums(MinuteStats& to, const MinuteStats& more) {
  to.succeeded += more.succeeded;
  to.failed += more.failed;
  to.cancelled += more.cancelled;
  to.runMsTotal += more.runMsTotal;
  to.firstRuns += more.firstRuns;
  to.waitSecondsTotal += more.waitSecondsTotal;
}

void addStats(Row& row, HandlerStats& to) {
  addSums(to.sums, readSums(row));
  to.times.add(row.as<std::string>());
}

int MariaStatistics::rollUpMinutes(int limit) {
  auto next = connection_.query(kNextMinute);
  const auto [last, now] = next.at(0).as<UnixSeconds, UnixSeconds>();
  std::int64_t minute =
      std::max(last + kMinuteSeconds, (now - kRetentionSeconds) / kMinuteSeconds * kMinuteSeconds);
  int summedUp = 0;
  for (; summedUp < limit && minute + kMinuteSeconds + kCommitSeconds <= now;
       ++summedUp, minute += kMinuteSeconds) {
    // A span in which no run ended is skipped. The next busy minute, or the last complete one, is marked.
    auto first = connection_.query(kFirstFinish, {minute});
    const std::int64_t newest = (now - kCommitSeconds) / kMinuteSeconds * kMinuteSeconds - kMinuteSeconds;
    const std::int64_t busy =
        first.empty() ? newest : first.front().as<UnixSeconds>() / kMinuteSeconds * kMinuteSeconds;
    minute = std::min(std::max(minute, busy), newest);
    context_.inTransaction([&] {
      if (connection_.execute(kLockMinute, {minute}) == 0) return;  // another program has summed it up
      connection_.execute(kSumUp, {minute, minute, minute + kMinuteSeconds});
      sumUpErrors(context_, minute);
    });
  }
  if (summedUp > 0) {
    sumUpHours(context_, now);
    pruneErrors(context_, now);
    connection_.execute(kPruneMinutes, {now - kRetentionSeconds});
  }
  return summedUp;
}

std::vector<MinuteStats> MariaStatistics::readMinutes(UnixSeconds from, int seconds) {
  std::vector<MinuteStats> parts;
  for (Row& row : connection_.query(kMinutes, {seconds, from})) {
    UnixSeconds begin = 0;
    row.next(begin);
    parts.push_back(readSums(row));
    parts.back().from = begin;
  }
  return parts;
}

std::map<std::string, HandlerStats> MariaStatistics::readHandlerStats(UnixSeconds from) {
  std::map<std::string, HandlerStats> handlers;
  for (Row& row : connection_.query(kMinutesByHandler, {from})) {
    std::string name;
    row.next(name);
    addStats(row, handlers[name]);
  }
  return handlers;
}

std::map<std::string, MinuteStats> MariaStatistics::readMinutesByQueue(UnixSeconds from) {
  std::map<std::string, MinuteStats> queues;
  for (Row& row : connection_.query(kMinutesByQueue, {from})) {
    std::string queue;
    row.next(queue);
    queues[queue] = readSums(row);
  }
  return queues;
}

}  // namespace taskqueue::store
