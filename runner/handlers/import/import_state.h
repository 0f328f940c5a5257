// The progress of an import. Its checkpoint stores it, and its Results are made from it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/handlers/import/csv_reader.h"

namespace taskqueue::handlers {

struct SkippedRow {
  std::int64_t line = 0;
  std::string reason;
};

// The state of the file of skipped lines so far.
struct SkippedFileState {
  int runId = 0;  // the run that owns the file
  int parts = 0;
  std::int64_t bytes = 0;
  bool isCut = false;  // true when it has reached its size limit
};

struct ImportState {
  // Identity of the input. If any of it differs, `place` is invalid.
  std::string file;
  std::int64_t fileBytes = 0;
  std::int64_t fileModifiedNs = 0;
  std::string headerHash;

  CsvPlace place;  // after the last committed row
  std::int64_t imported = 0;
  std::int64_t updated = 0;
  std::int64_t skipped = 0;
  std::vector<SkippedRow> skippedRows;  // only the first ones
  SkippedFileState skippedFile;
  std::int64_t milliseconds = 0;  // sum over all runs
  bool resumed = false;
  bool done = false;

  std::int64_t rows() const { return imported + updated + skipped; }
  bool isOfSameFile(const ImportState& other) const;
};

std::string checkpointText(const ImportState& state);
// Returns nothing for a text in another format.
std::optional<ImportState> readCheckpoint(std::string_view text);

// `fileName` names the file of skipped lines.
std::string resultsText(const ImportState& state, bool isDryRun, std::string_view fileName);

}  // namespace taskqueue::handlers
