// Writes sets of rows into a CMS table, and the names that they reference into another table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "module/platform/configuration.h"
#include "module/store/database/connection.h"
#include "runner/handlers/import/header_plan.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. Statements are built once, from identifiers that the configuration has
// checked; values are always bound.
class ImportTable {
 public:
  struct Written {
    std::int64_t imported = 0;  // new rows
    std::int64_t updated = 0;   // rows whose key existed in the table, or earlier in the same set
    std::vector<std::uint64_t> newKeys;
  };
  // In a Rehearsal the caller rolls each set back.
  enum class Mode { Import, Rehearsal };

  // Throws GiveUp database_schema when the key column is not unique.
  ImportTable(store::Connection& connection, const platform::ImportConfiguration& configuration,
              const HeaderPlan& plan, Mode mode);

  // Inserts or updates rows by key; the last row of a key wins. The column's collation decides whether two
  // keys are equal. Names missing in the other table are added. Needs the caller's transaction. Throws
  // StoreError: Conflict and TryAgain mean that another session changed the same rows; the caller may repeat
  // the whole transaction.
  Written write(const std::vector<ImportRow>& rows);

  // A rehearsal calls this, so that later sets treat these keys as existing.
  void remember(const Written& written) { seen_.insert(written.newKeys.begin(), written.newKeys.end()); }

 private:
  // For each row, the key of its reference, or nothing.
  using ReferenceKeys = std::vector<std::optional<std::int64_t>>;

  void buildLookup(const std::string& table);
  void buildWriting(const std::string& table);
  void buildReference(const platform::ImportReference& reference);
  ReferenceKeys referencesOf(const std::vector<ImportRow>& rows);
  ReferenceKeys lookUpNames(const std::string& names);

  store::Connection& connection_;
  const platform::ImportConfiguration& configuration_;
  const HeaderPlan& plan_;
  Mode mode_;
  std::string lookup_;
  std::string update_;
  std::string insert_;
  std::string selectNames_;
  std::string insertNames_;
  std::unordered_set<std::uint64_t> seen_;  // hashes of the keys that a rehearsal has written and rolled back
};

}  // namespace taskqueue::handlers
