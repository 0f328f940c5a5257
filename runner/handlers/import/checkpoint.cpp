#include "runner/handlers/import/checkpoint.h"

namespace taskqueue::handlers {
namespace {

using store::Sql;
using store::Transaction;

}  // namespace

Checkpoint::Checkpoint(store::Connection& connection, const TaskRun& run)
    : connection_(connection),
      fence_(connection, run),
      taskQueueId_(run.taskQueueId()),
      runToken_(run.runToken()) {}

// Uses the unique key TaskQueueId.
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

// Uses the unique key TaskQueueId.
const Sql kLockCheckpoint(
    "lockCheckpoint",
    "SELECT Checkpoint FROM {TaskCheckpoints} WHERE TaskQueueId=? AND RunToken=? FOR UPDATE");

std::string Checkpoint::lockedText() {
  auto rows = connection_.query(kLockCheckpoint, {std::int64_t{taskQueueId_}, runToken_});
  if (rows.empty()) throwLeaseLost();
  return rows.front().text();
}

// Uses the unique key TaskQueueId. lock() has locked the row.
const Sql kWriteCheckpoint("writeCheckpoint",
                           "UPDATE {TaskCheckpoints} SET Checkpoint=?, UpdatedOn=UNIX_TIMESTAMP()"
                           " WHERE TaskQueueId=? AND RunToken=?");

void Checkpoint::write(const ImportState& state) {
  const auto matched =
      connection_.execute(kWriteCheckpoint, {checkpointText(state), std::int64_t{taskQueueId_}, runToken_});
  if (matched != 1) throwLeaseLost();
  confirmRun();
}

bool Checkpoint::holds(const ImportState& state) {
  Transaction transaction(connection_);
  return lockedText() == checkpointText(state);
}

}  // namespace taskqueue::handlers
