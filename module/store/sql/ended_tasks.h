// The SQL condition that a task `t` has ended: no run of it will follow by itself. isFinal() says this of a
// row.
#pragma once

#include "module/store/sql/sql.h"

namespace taskqueue::store {

// Served by the unique key OpenTaskQueueId.
inline const SqlPiece kHasEnded{"has_ended", R"(
  t.LastStatus NOT IN ('scheduled', 'running') AND t.NextRunOn IS NULL AND t.ParkedReason = ''
  AND NOT EXISTS (
    SELECT 1
    FROM {TaskRuns} o FORCE INDEX (OpenTaskQueueId)
    WHERE o.OpenTaskQueueId = t.Id
  )
)"};

}  // namespace taskqueue::store
