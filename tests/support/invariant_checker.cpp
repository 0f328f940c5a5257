#include "tests/support/invariant_checker.h"

namespace taskqueue::test_support {
namespace {

struct Law {
  const char* text;
  const char* violations;  // selects one column, which names the violating row
};

// A task is live while it may still get a run: it can be claimed, it is parked, or it has an open run.
#define TASKQUEUE_LIVE                                                    \
  "(t.NextRunOn IS NOT NULL OR t.ParkedReason <> '' OR EXISTS (SELECT 1 " \
  "FROM {TaskRuns} o WHERE o.TaskQueueId = t.Id AND o.Status IN ('scheduled', 'running')))"

#define TASKQUEUE_LATEST \
  "(SELECT x.Id FROM {TaskRuns} x WHERE x.TaskQueueId = t.Id ORDER BY x.Attempt DESC LIMIT 1)"

const Law kLaws[] = {
    {"I2 a task whose last status is final has no open run",
     "SELECT t.Id FROM {TaskQueue} t JOIN {TaskRuns} r ON r.TaskQueueId = t.Id AND r.Status IN "
     "('scheduled', 'running') WHERE t.LastStatus IN ('success', 'cancelled')"},
    {"I2 a task whose last status is final cannot be claimed",
     "SELECT t.Id FROM {TaskQueue} t WHERE t.LastStatus IN ('success', 'cancelled') AND (t.NextRunOn IS "
     "NOT NULL OR t.ParkedReason <> '')"},
    {"I2 a task that is not live has a final status",
     "SELECT t.Id FROM {TaskQueue} t WHERE NOT " TASKQUEUE_LIVE
     " AND t.LastStatus NOT IN ('success', 'cancelled', 'error', 'timeout')"},
    {"I2 a running run's task is out of the claim index",
     "SELECT t.Id FROM {TaskQueue} t JOIN {TaskRuns} r ON r.OpenTaskQueueId = t.Id WHERE r.Status = "
     "'running' AND t.NextRunOn IS NOT NULL"},
    {"I3 OpenTaskQueueId stands on open runs and on no others",
     "SELECT r.Id FROM {TaskRuns} r WHERE (r.Status IN ('scheduled', 'running')) <> (r.OpenTaskQueueId IS "
     "NOT NULL) OR r.OpenTaskQueueId <> r.TaskQueueId"},
    {"I3 a task has at most one open run",
     "SELECT r.TaskQueueId FROM {TaskRuns} r WHERE r.Status IN ('scheduled', 'running') GROUP BY "
     "r.TaskQueueId HAVING COUNT(*) > 1"},
    {"I4 a running run has a token and an owner",
     "SELECT r.Id FROM {TaskRuns} r WHERE r.Status = 'running' AND (r.RunToken = '' OR r.TaskRunnerId IS "
     "NULL OR r.StartedOn IS NULL)"},
    {"I4 a running run belongs to a running runner (rule 4)",
     "SELECT r.Id FROM {TaskRuns} r LEFT JOIN {TaskRunners} n ON n.Id = r.TaskRunnerId WHERE r.Status = "
     "'running' AND COALESCE(n.Status, '') <> 'running'"},
    {"I4 no two runs share a token",
     "SELECT MIN(r.Id) FROM {TaskRuns} r WHERE r.RunToken <> '' GROUP BY r.RunToken HAVING COUNT(*) > 1"},
    {"I5 attempts count from 1 without gap",
     "SELECT r.TaskQueueId FROM {TaskRuns} r GROUP BY r.TaskQueueId HAVING MIN(r.Attempt) <> 1 OR "
     "MAX(r.Attempt) <> COUNT(*) OR COUNT(DISTINCT r.Attempt) <> COUNT(*)"},
    {"I5 TaskRunsFailed is not above MaxRetries",
     "SELECT t.Id FROM {TaskQueue} t WHERE t.TaskRunsFailed > t.MaxRetries"},
    {"rule 3: LastStatus is the status of the latest run",
     "SELECT t.Id FROM {TaskQueue} t JOIN {TaskRuns} r ON r.Id = " TASKQUEUE_LATEST
     " WHERE t.LastStatus <> r.Status AND NOT (t.LastStatus = 'cancelled' AND r.Status NOT IN "
     "('scheduled', 'running')) AND NOT (t.LastStatus = 'scheduled' AND r.Attempt <= t.ForgivenAttempt "
     "AND r.Status NOT IN ('scheduled', 'running'))"},
    {"rule 3: a task without runs is scheduled or cancelled",
     "SELECT t.Id FROM {TaskQueue} t WHERE t.LastStatus NOT IN ('scheduled', 'cancelled') AND NOT EXISTS "
     "(SELECT 1 FROM {TaskRuns} r WHERE r.TaskQueueId = t.Id)"},
    {"rule 3: TaskRunsFailed counts the failures since the last success or retry",
     "SELECT t.Id FROM {TaskQueue} t WHERE t.TaskRunsFailed <> (SELECT COUNT(*) FROM {TaskRuns} r WHERE "
     "r.TaskQueueId = t.Id AND r.Status IN ('error', 'timeout') AND r.Attempt > "
     "GREATEST(t.ForgivenAttempt, (SELECT COALESCE(MAX(s.Attempt), 0) FROM {TaskRuns} s WHERE "
     "s.TaskQueueId = t.Id AND s.Status = 'success')))"},
    {"I6 at most one live task has a unique key",
     "SELECT t.UniqueKey FROM {TaskQueue} t WHERE t.UniqueKey IS NOT NULL AND t.Superseded = 0 "
     "AND " TASKQUEUE_LIVE " GROUP BY t.UniqueKey HAVING COUNT(*) > 1"},
    {"I6 ActiveKey is the unique key while the task is live and holds it, and NULL afterwards",
     "SELECT t.Id FROM {TaskQueue} t WHERE NOT (t.ActiveKey <=> IF(t.Superseded = 0 AND " TASKQUEUE_LIVE
     ", t.UniqueKey, NULL)) AND NOT (t.ActiveKey <=> t.UniqueKey AND t.LastStatus = 'success' AND "
     "t.UniqueUntil IS NOT NULL)"},
    {"I7 percents are from 0 to 100",
     "SELECT r.Id FROM {TaskRuns} r WHERE r.PercentsCompleted NOT BETWEEN 0 AND 100"},
    {"dates: an ended run has an end, an open one has none",
     "SELECT r.Id FROM {TaskRuns} r WHERE (r.Status IN ('scheduled', 'running')) <> (r.FinishedOn IS NULL)"},
    {"dates: an ended runner has an end, a running one has none",
     "SELECT n.Id FROM {TaskRunners} n WHERE (n.Status = 'running') <> (n.FinishedOn IS NULL)"},
    {"output in flight belongs to a running run",
     "SELECT o.Id FROM {TaskRunOutput} o LEFT JOIN {TaskRuns} r ON r.Id = o.TaskRunId WHERE "
     "COALESCE(r.Status, '') <> 'running'"},
};

#undef TASKQUEUE_LIVE
#undef TASKQUEUE_LATEST

}  // namespace

std::vector<std::string> checkInvariants(store::Connection& connection) {
  std::vector<std::string> broken;
  for (const Law& law : kLaws) {
    for (store::Row& row : connection.queryText(connection.names().expand(law.violations))) {
      broken.push_back(std::string(law.text) + ": broken by " + row.text());
    }
  }
  return broken;
}

}  // namespace taskqueue::test_support
