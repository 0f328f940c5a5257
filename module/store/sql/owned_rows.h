// Sends runs with their tokens as the JSON rows of a statement, and names the columns of these rows.
#pragma once

#include <string>

#include "module/json/run_end.h"
#include "module/store/sql/sql.h"

namespace taskqueue::store {

inline const SqlPiece kOwnedColumns{"owned_columns", R"(
  Id INT PATH '$.r', TaskQueueId INT PATH '$.q', RunToken VARCHAR(32) PATH '$.k'
)"};

// `writeMore` adds the further members of an item.
template <typename Items, typename WriteMore>
std::string ownedRows(const Items& items, WriteMore writeMore) {
  json::Writer rows;
  rows.startArray();
  for (const auto& item : items) {
    json::beginOwned(rows, item.owned);
    writeMore(rows, item);
    rows.endObject();
  }
  return rows.endArray().text();
}

}  // namespace taskqueue::store
