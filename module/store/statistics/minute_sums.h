// Reads the columns of sums that minutes and hours share.
#pragma once

#include "module/queue/overview.h"
#include "module/store/database/row.h"
#include "module/store/sql/sql.h"

namespace taskqueue::store {

inline const SqlPiece kAllMinuteColumns{"all_minute_columns", R"(
  Succeeded, Failed, Cancelled, RunMsTotal, FirstRuns, WaitSecondsTotal, RunMsHistogram
)"};

// Reads the sums, without the histogram.
MinuteStats readSums(Row& row);
void addSums(MinuteStats& to, const MinuteStats& more);
// Reads all columns, and adds them.
void addStats(Row& row, HandlerStats& to);

}  // namespace taskqueue::store
