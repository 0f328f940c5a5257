#include "runner/handlers/product_import/checkpoint.h"

namespace taskqueue::handlers {
namespace {

using store::Sql;
using store::Transaction;

[[noreturn]] void leaseLost() {
  throw TaskError("lease_lost",
                  "another run has taken this task over; this one has stopped and changed nothing more");
}

}  // namespace

Checkpoint::Checkpoint(store::Connection& connection, const TaskRun& run)
    : connection_(connection), taskQueueId_(run.taskQueueId()), runId_(run.id()), runToken_(run.runToken()) {}

// Unique key TaskQueueId.
const Sql kTakeCheckpoint("takeCheckpoint",
                          "INSERT INTO {TaskCheckpoints} (TaskQueueId, RunToken, UpdatedOn)"
                          " VALUES (?, ?, UNIX_TIMESTAMP())"
                          " ON DUPLICATE KEY UPDATE RunToken=VALUES(RunToken), UpdatedOn=VALUES(UpdatedOn)");

std::optional<ImportState> Checkpoint::takeOver() {
  Transaction transaction(connection_);
  connection_.execute(kTakeCheckpoint, {std::int64_t{taskQueueId_}, runToken_});
  const std::string text = lockedText();
  confirmRun();
  transaction.commit();
  return readCheckpoint(text);
}

void Checkpoint::lock() {
  lockedText();
}

// Unique key TaskQueueId.
const Sql kLockCheckpoint(
    "lockCheckpoint",
    "SELECT Checkpoint FROM {TaskCheckpoints} WHERE TaskQueueId=? AND RunToken=? FOR UPDATE");

std::string Checkpoint::lockedText() {
  auto rows = connection_.query(kLockCheckpoint, {std::int64_t{taskQueueId_}, runToken_});
  if (rows.empty()) leaseLost();
  return rows.front().text();
}

// Unique key TaskQueueId; the row is locked already.
const Sql kWriteCheckpoint("writeCheckpoint",
                           "UPDATE {TaskCheckpoints} SET Checkpoint=?, UpdatedOn=UNIX_TIMESTAMP()"
                           " WHERE TaskQueueId=? AND RunToken=?");

void Checkpoint::write(const ImportState& state) {
  const auto matched =
      connection_.execute(kWriteCheckpoint, {checkpointText(state), std::int64_t{taskQueueId_}, runToken_});
  if (matched != 1) leaseLost();
  confirmRun();
}

bool Checkpoint::holds(const ImportState& state) {
  Transaction transaction(connection_);
  return lockedText() == checkpointText(state);
}

// Primary key. The share lock makes a rescue wait for our commit. It comes last in the transaction, so that
// the runner's tick, which writes the same row, never waits for the import's own waits.
const Sql kConfirmRun("confirmRun",
                      "SELECT Id FROM {TaskRuns} FORCE INDEX (PRIMARY)"
                      " WHERE Id=? AND RunToken=? AND Status='running' LOCK IN SHARE MODE");

void Checkpoint::confirmRun() {
  if (connection_.query(kConfirmRun, {std::int64_t{runId_}, runToken_}).empty()) leaseLost();
}

}  // namespace taskqueue::handlers
