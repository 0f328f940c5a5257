// Says in SQL that a pause `p` has not come to its end.
#pragma once

#include "module/store/sql/sql.h"

namespace taskqueue::store {

inline const SqlPiece kPauseHolds{"pause_holds", R"(
  (p.PausedUntil IS NULL OR p.PausedUntil > UNIX_TIMESTAMP())
)"};

}  // namespace taskqueue::store
