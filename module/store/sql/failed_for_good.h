// The SQL condition that a run `r` of a task `t` failed and no further run will follow by itself.
#pragma once

#include "module/store/sql/sql.h"

namespace taskqueue::store {

// Served by the index TaskQueueId (TaskQueueId, Attempt).
inline const SqlPiece kFailedForGood{"failed_for_good", R"(
  (
    r.Status IN ('error', 'timeout')
    AND t.LastStatus = r.Status
    AND t.NextRunOn IS NULL
    AND t.ParkedReason = ''
    AND NOT EXISTS (
      SELECT 1
      FROM {TaskRuns} l FORCE INDEX (TaskQueueId)
      WHERE l.TaskQueueId = r.TaskQueueId AND l.Attempt > r.Attempt
    )
  )
)"};

}  // namespace taskqueue::store
