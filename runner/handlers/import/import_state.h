// How far an import has come: what its checkpoint holds and its Results are made from.
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

// The file of all skipped lines as it is written so far.
struct SkippedFileState {
  int runId = 0;  // to which it belongs
  int parts = 0;
  std::int64_t bytes = 0;
  bool isCut = false;  // it has reached its limit
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
  SkippedFileState skippedFile;
  std::int64_t milliseconds = 0;  // of all runs
  bool resumed = false;
  bool done = false;

  std::int64_t rows() const { return imported + updated + skipped; }
  bool isOfSameFile(const ImportState& other) const;
};

std::string checkpointText(const ImportState& state);
std::optional<ImportState> readCheckpoint(std::string_view text);  // nothing when it is not one of ours

// `fileName` is that of the file of skipped lines.
std::string resultsText(const ImportState& state, bool isDryRun, std::string_view fileName);

}  // namespace taskqueue::handlers
