// One run of an import, from opening the file to writing its Results.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "module/platform/import_configuration.h"
#include "module/store/database/connection.h"
#include "runner/handlers/import/checkpoint.h"
#include "runner/handlers/import/import_file.h"
#include "runner/handlers/import/import_table.h"
#include "runner/handlers/import/skipped_lines.h"
#include "runner/handlers/run_files.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// Belongs to the connection's thread.
class ImportRun {
 public:
  ImportRun(TaskRun& run, const platform::ImportConfiguration& configuration, store::Connection& connection,
            bool isDryRun)
      : run_(run),
        configuration_(configuration),
        connection_(connection),
        isDryRun_(isDryRun),
        checkpoint_(connection, run),
        files_(connection, run.id()) {}

  // Throws TaskError, GiveUp (table_import.h) and StoreError.
  void importFile(const std::string& name);

 private:
  // The rows of one transaction, and the import's state after it.
  struct Chunk {
    std::vector<ImportRow> rows;
    std::vector<std::int64_t> lines;  // line numbers of the rows
    std::string skippedText;          // appended to the file of skipped lines
    ImportState state;                // without the counts of these rows
  };

  void checkEngines(const HeaderPlan& plan);
  void importChunks(const ImportFile& file, const HeaderPlan& plan, ImportTable& table);
  std::string describeStop() const;
  void begin(const ImportFile& file, const HeaderPlan& plan, const CsvPlace& afterHeader);
  void prepareFiles(bool resumes);
  void importChunk(CsvReader& reader, const ImportFile& file, const HeaderPlan& plan, ImportTable& table);
  Chunk readUnchanged(CsvReader& reader, const ImportFile& file, const HeaderPlan& plan) const;
  Chunk readChunk(CsvReader& reader, const HeaderPlan& plan) const;
  void skip(Chunk& chunk, SkippedRow row, const std::vector<std::string>& fields,
            const HeaderPlan& plan) const;
  void commitChunk(Chunk& chunk, const HeaderPlan& plan, ImportTable& table);
  void skipRefused(Chunk& chunk, const HeaderPlan& plan, ImportTable& table);
  void tryChunk(const Chunk& chunk, ImportTable& table);
  ImportTable::Written write(const Chunk& chunk, ImportTable& table, ImportState& next);
  ImportTable::Written rehearse(const Chunk& chunk, ImportTable& table, ImportState& next);
  void appendSkipped(const Chunk& chunk, const ImportState& next);
  void countTime(ImportState& next);
  void report();
  void reportEnd();

  TaskRun& run_;
  const platform::ImportConfiguration& configuration_;
  store::Connection& connection_;
  bool isDryRun_;
  bool isRowByRow_ = false;  // true when a table that the import writes cannot roll back
  Checkpoint checkpoint_;
  RunFiles files_;
  ImportState state_;  // the committed state
  std::chrono::steady_clock::time_point countedTo_ =
      std::chrono::steady_clock::now();  // state_.milliseconds includes the time up to here
};

}  // namespace taskqueue::handlers
