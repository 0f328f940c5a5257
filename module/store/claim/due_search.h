// Finds due tasks of some classes that stand behind tasks of other classes. Reads a bounded number of rows
// at a time and locks none.
#pragma once

#include <string>
#include <vector>

#include "module/store/claim/claim_cursor.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

// The new rows of a priority (NextRunOn = 0) and its other rows are claimed by two statements.
enum class ClaimLine { New, Timed };

class DueSearch {
 public:
  static constexpr std::int64_t kRowsOfOneSearch = 2000;

  // `classes` are those that it looks for. Both must outlive the search.
  DueSearch(Connection& connection, std::vector<std::string> classes)
      : connection_(connection), classes_(std::move(classes)) {}

  struct Found {
    std::vector<ClaimCursor::Place> places;  // of due tasks of these classes, in the order of claims
    ClaimCursor::Place upTo;                 // how far the next search need not look
    bool isAll = false;                      // nothing is left behind `upTo` but what came meanwhile
  };
  // Looks at the next rows behind this place, for at most `limit` tasks.
  Found find(const ClaimCursor::PriorityBand& band, ClaimLine line, const ClaimCursor::Place& behind,
             std::int64_t limit);

  // Its statement, for so many classes. The parameters are the classes, those of the line, a limit, and those
  // of the line again. Served by the index Claim in its own order.
  static std::string textFor(ClaimLine line, std::size_t classes);

 private:
  Connection& connection_;
  std::vector<std::string> classes_;
};

}  // namespace taskqueue::store
