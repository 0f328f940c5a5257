// Writes rows into a table of the CMS, a set at a time, and the names that they refer to into another one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "module/platform/configuration.h"
#include "module/store/connection.h"
#include "runner/handlers/import/header_plan.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread. The statements are built once, from names that the configuration has
// checked to be identifiers; values are always bound.
class ImportTable {
 public:
  struct Written {
    std::int64_t imported = 0;  // new rows
    std::int64_t updated = 0;   // rows whose key was there, or stood earlier in the same set
    std::vector<std::uint64_t> newKeys;
  };
  // Rehearsal: what is written is rolled back by the caller, set by set.
  enum class Mode { Import, Rehearsal };

  // Throws GiveUp database_schema when the key could stand twice.
  ImportTable(store::Connection& connection, const platform::ImportConfiguration& configuration,
              const HeaderPlan& plan, Mode mode);

  // Inserts or updates by key; of rows with the same key the last wins. Two keys are the same when the
  // column's collation says so. Names that are missing in the other table are added there. Needs the caller's
  // transaction; throws StoreError: Conflict or TryAgain mean that another session changed the same rows,
  // and that the whole transaction can be repeated.
  Written write(const std::vector<ImportRow>& rows);

  // Of a rehearsal: the keys would be there from now on.
  void remember(const Written& written) { seen_.insert(written.newKeys.begin(), written.newKeys.end()); }

 private:
  // For each row the key of what it refers to, or nothing.
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
  std::unordered_set<std::uint64_t> seen_;  // hashes of keys that a rehearsal would have written
};

}  // namespace taskqueue::handlers
