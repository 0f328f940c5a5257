// How far an import has come: one row for each task, written in the same transaction as the chunk that it counts. It
// carries the token of the run that may write: a run that was overtaken finds another token there and stops.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "module/store/connection.h"
#include "runner/handlers/product_import/csv_reader.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

struct SkippedRow {
  std::int64_t line = 0;
  std::string reason;
};

struct Checkpoint {
  CsvPlace place;  // behind the last row that was committed
  std::int64_t fileBytes = 0;
  std::int64_t modifiedNs = 0;
  std::string headerHash;
  std::int64_t rows = 0;
  std::int64_t imported = 0;
  std::int64_t updated = 0;
  std::int64_t skipped = 0;
  std::vector<SkippedRow> skippedRows;  // the first ones
  double seconds = 0;                   // of work, over all runs
  bool done = false;
};

class CheckpointRow {
 public:
  CheckpointRow(store::Connection& connection, int taskQueueId, std::string runToken)
      : connection_(connection), taskQueueId_(taskQueueId), runToken_(std::move(runToken)) {}

  // Makes this run the one that may write, and returns what an earlier run has left. A transaction of its own. Throws
  // TaskError lease_lost when the run itself is no longer open.
  std::optional<Checkpoint> takeOver();

  // Locks the row in the caller's transaction. Throws TaskError lease_lost when another run has taken it over.
  void lock();
  // Writes it in the caller's transaction, after lock().
  void write(const Checkpoint& checkpoint);
  // Whether the database has this place as the committed one, after a COMMIT whose answer was lost.
  bool stands(const Checkpoint& checkpoint);

 private:
  std::optional<Checkpoint> read(bool& ours);

  store::Connection& connection_;
  int taskQueueId_;
  std::string runToken_;
};

}  // namespace taskqueue::handlers
