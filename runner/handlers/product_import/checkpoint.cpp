#include "runner/handlers/product_import/checkpoint.h"

#include "module/json/read.h"
#include "module/json/writer.h"

namespace taskqueue::handlers {
namespace {

// Served by the primary key.
const store::Sql kRunIsOpen{"run-is-open",
                            "SELECT Id FROM {TaskRuns} WHERE OpenTaskQueueId = ? AND RunToken = ? AND Status = "
                            "'running' LOCK IN SHARE MODE"};
// Served by the unique key TaskQueueId.
const store::Sql kTakeOver{"take-checkpoint-over",
                           "INSERT INTO {TaskCheckpoints} (TaskQueueId, RunToken, UpdatedOn) VALUES (?, ?, "
                           "UNIX_TIMESTAMP()) ON DUPLICATE KEY UPDATE RunToken = VALUES(RunToken)"};
const store::Sql kRead{"read-checkpoint", "SELECT RunToken, Checkpoint FROM {TaskCheckpoints} WHERE TaskQueueId = ?"};
const store::Sql kLock{"lock-checkpoint",
                       "SELECT RunToken FROM {TaskCheckpoints} WHERE TaskQueueId = ? FOR UPDATE"};
const store::Sql kWrite{"write-checkpoint",
                        "UPDATE {TaskCheckpoints} SET Checkpoint = ?, UpdatedOn = UNIX_TIMESTAMP() WHERE TaskQueueId = "
                        "? AND RunToken = ?"};

TaskError leaseLost() {
  return {"lease_lost", "Another run of this task has taken the import over; this one has stopped."};
}

std::string textOf(const Checkpoint& checkpoint) {
  json::Writer to;
  to.startObject().member("Position", checkpoint.place.position).member("Line", checkpoint.place.line);
  to.member("FileBytes", checkpoint.fileBytes).member("ModifiedNs", checkpoint.modifiedNs);
  to.member("HeaderHash", checkpoint.headerHash).member("Rows", checkpoint.rows);
  to.member("Imported", checkpoint.imported).member("Updated", checkpoint.updated);
  to.member("Skipped", checkpoint.skipped).member("Seconds", checkpoint.seconds).member("Done", checkpoint.done);
  to.key("SkippedRows").startArray();
  for (const SkippedRow& row : checkpoint.skippedRows) {
    to.startObject().member("Line", row.line).member("Reason", row.reason).endObject();
  }
  return to.endArray().endObject().text();
}

// Nothing when it is not one of ours: the import then starts again, which is safe.
std::optional<Checkpoint> checkpointOf(const std::string& text) {
  constexpr json::Limits kOurs{.bytes = 16 << 20, .depth = 8, .members = 100000};
  const auto parsed = json::read(text, kOurs);
  const auto* from = std::get_if<json::Document>(&parsed);
  if (from == nullptr || !from->IsObject()) return std::nullopt;
  const auto number = [&](const char* name) { return json::integerMember(*from, name).value_or(0); };
  Checkpoint to;
  to.place = {number("Position"), number("Line")};
  to.fileBytes = number("FileBytes");
  to.modifiedNs = number("ModifiedNs");
  to.headerHash = json::textMember(*from, "HeaderHash").value_or("");
  to.rows = number("Rows");
  to.imported = number("Imported");
  to.updated = number("Updated");
  to.skipped = number("Skipped");
  if (from->HasMember("Seconds") && (*from)["Seconds"].IsNumber()) to.seconds = (*from)["Seconds"].GetDouble();
  to.done = from->HasMember("Done") && (*from)["Done"].IsTrue();
  if (from->HasMember("SkippedRows") && (*from)["SkippedRows"].IsArray()) {
    for (const auto& row : (*from)["SkippedRows"].GetArray()) {
      to.skippedRows.push_back({json::integerMember(row, "Line").value_or(0),
                                std::string(json::textMember(row, "Reason").value_or(""))});
    }
  }
  return to;
}

}  // namespace

std::optional<Checkpoint> CheckpointRow::read(bool& ours) {
  auto rows = connection_.query(kRead, {std::int64_t{taskQueueId_}});
  ours = !rows.empty() && rows.front().text() == runToken_;
  return rows.empty() ? std::nullopt : checkpointOf(rows.front().text());
}

std::optional<Checkpoint> CheckpointRow::takeOver() {
  store::Transaction transaction(connection_);
  if (connection_.query(kRunIsOpen, {std::int64_t{taskQueueId_}, runToken_}).empty()) throw leaseLost();
  connection_.execute(kTakeOver, {std::int64_t{taskQueueId_}, runToken_});
  bool ours = false;
  auto checkpoint = read(ours);
  transaction.commit();
  return checkpoint;
}

void CheckpointRow::lock() {
  auto rows = connection_.query(kLock, {std::int64_t{taskQueueId_}});
  if (rows.empty() || rows.front().text() != runToken_) throw leaseLost();
}

void CheckpointRow::write(const Checkpoint& checkpoint) {
  connection_.execute(kWrite, {textOf(checkpoint), std::int64_t{taskQueueId_}, runToken_});
}

bool CheckpointRow::stands(const Checkpoint& checkpoint) {
  bool ours = false;
  const auto stored = read(ours);
  return ours && stored && stored->place.position == checkpoint.place.position && stored->rows == checkpoint.rows &&
         stored->done == checkpoint.done;
}

}  // namespace taskqueue::handlers
