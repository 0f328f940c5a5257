// The place of a task `t` in SQL, as placeOf() of module/queue/task_state.h gives it.
#pragma once

#include "module/store/sql/sql.h"

namespace taskqueue::store {

// The numbers are those of TaskPlace.
inline const SqlPiece kTaskPlace{"task_place", R"(
  IF(t.ParkedReason <> '', 1, IF(t.NextRunOn IS NULL, 4, 2))
)"};

}  // namespace taskqueue::store
