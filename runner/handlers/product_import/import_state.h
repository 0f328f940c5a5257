// How far an import has come: what its checkpoint holds and its Results are made from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/handlers/product_import/csv_reader.h"

namespace taskqueue::handlers {

struct SkippedRow {
  std::int64_t line = 0;
  std::string reason;
};

struct ImportState {
  // What was read: if any of it differs, the place says nothing.
  std::string file;
  std::int64_t fileBytes = 0;
  std::int64_t fileModifiedNs = 0;
  std::string headerHash;

  CsvPlace place;  // behind the last committed row
  std::int64_t imported = 0;
  std::int64_t updated = 0;
  std::int64_t skipped = 0;
  std::vector<SkippedRow> skippedRows;  // the first of them
  std::int64_t milliseconds = 0;        // of all runs
  bool resumed = false;
  bool done = false;

  std::int64_t rows() const { return imported + updated + skipped; }
  bool isOfSameFile(const ImportState& other) const;
};

std::string checkpointText(const ImportState& state);
std::optional<ImportState> readCheckpoint(std::string_view text);  // nothing when it is not one of ours

std::string resultsText(const ImportState& state);

}  // namespace taskqueue::handlers
