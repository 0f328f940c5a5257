// Says in SQL since when a task `t` is due, as dueOn() and firstDueOn() of module/queue/due_task.h do.
#pragma once

#include "module/store/sql/sql.h"

namespace taskqueue::store {

// The time at which the task's first run is or was due.
inline const SqlPiece kFirstDueOn{"first_due_on", R"(
  IF(
    t.ScheduledOn > 0,
    t.ScheduledOn,
    LEAST(IF(t.QueuedOn > 0, t.QueuedOn, UNIX_TIMESTAMP()), UNIX_TIMESTAMP())
  )
)"};
// The task's NextRunOn must be a number.
inline const SqlPiece kDueOn{"due_on", R"(
  IF(t.NextRunOn > 0, t.NextRunOn, {first_due_on})
)"};
// The first comparison is the one that an index can serve.
inline const SqlPiece kIsDue{"is_due", R"(
  (t.NextRunOn <= UNIX_TIMESTAMP() AND {due_on} <= UNIX_TIMESTAMP())
)"};
inline const SqlPiece kMayRunAgain{"may_run_again", R"(
  (
    t.LastStatus NOT IN ('success', 'cancelled')
    AND t.Superseded = 0
    AND t.TaskRunsFailed < t.MaxRetries
  )
)"};

}  // namespace taskqueue::store
