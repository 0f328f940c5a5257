// This part of MariaTaskStore keeps the audit, marks overseer passes, and asks runners to drain or stop.
#include "module/queue/utf8_text.h"
#include "module/store/in_transaction.h"

namespace taskqueue::store {
namespace {

const Sql kRecord{"record-audit", R"(
  INSERT INTO {TaskQueueAudit} (ChangedOn, ChangedBy, Source, Action, TaskQueueId, Subject, Detail)
  VALUES (UNIX_TIMESTAMP(), ?, ?, ?, ?, ?, ?)
)"};

const SqlPiece kAuditColumns{"audit_columns", R"(
  ChangedOn, ChangedBy, Source, Action, TaskQueueId, Subject, Detail
)"};

// Served by the index TaskQueueId.
const Sql kAuditOfTask{"audit-of-task", R"(
  SELECT {audit_columns}
  FROM {TaskQueueAudit} FORCE INDEX (TaskQueueId)
  WHERE TaskQueueId = ?
  ORDER BY Id DESC
  LIMIT ?
)"};
// Served by the primary key.
const Sql kNewestAudit{"newest-audit", R"(
  SELECT {audit_columns}
  FROM {TaskQueueAudit}
  ORDER BY Id DESC
  LIMIT ?
)"};

// Served by the unique key Name.
const Sql kMarkOverseer{"mark-overseer", R"(
  INSERT INTO {TaskQueueMarks} (Name, MarkedOn)
  VALUES ('overseer', UNIX_TIMESTAMP())
  ON DUPLICATE KEY UPDATE MarkedOn = VALUES(MarkedOn)
)"};
const Sql kOverseerMarked{"overseer-marked", R"(
  SELECT MarkedOn
  FROM {TaskQueueMarks}
  WHERE Name = 'overseer'
)"};

// Served by the primary key.
const Sql kRequestDrain{"request-drain", R"(
  UPDATE {TaskRunners} FORCE INDEX (PRIMARY)
  SET DrainRequestedOn = COALESCE(DrainRequestedOn, UNIX_TIMESTAMP())
  WHERE Id = ? AND Status = 'running'
)"};
// Served by the primary key. A stop request is a drain request, too.
const Sql kRequestStop{"request-stop", R"(
  UPDATE {TaskRunners} FORCE INDEX (PRIMARY)
  SET
    DrainRequestedOn = COALESCE(DrainRequestedOn, UNIX_TIMESTAMP()),
    StopRequestedOn = COALESCE(StopRequestedOn, UNIX_TIMESTAMP())
  WHERE Id = ? AND Status = 'running'
)"};

constexpr std::size_t kNameBytes = 190;
constexpr std::size_t kTextBytes = 255;

std::vector<AuditEntry> read(std::vector<Row> rows) {
  std::vector<AuditEntry> entries;
  for (Row& row : rows) {
    AuditEntry entry;
    entry.changedOn = row.optionalInteger();
    entry.by.name = row.text();
    entry.by.source = row.text();
    entry.action = row.text();
    entry.taskQueueId = row.optionalNumber();
    entry.subject = row.text();
    entry.detail = row.text();
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

void MariaTaskStore::record(const std::string& action, std::optional<int> taskQueueId,
                            const std::string& subject, const std::string& detail) {
  if (actor_.name.empty()) return;
  connection_.execute(kRecord, {std::string(cutAtCharacter(actor_.name, kNameBytes)), actor_.source, action,
                                valueOf(taskQueueId), std::string(cutAtCharacter(subject, kTextBytes)),
                                std::string(cutAtCharacter(detail, kTextBytes))});
}

std::vector<AuditEntry> MariaTaskStore::auditOfTask(int taskQueueId, int limit) {
  return read(connection_.query(kAuditOfTask, {std::int64_t{taskQueueId}, std::int64_t{limit}}));
}

std::vector<AuditEntry> MariaTaskStore::findAudit(int limit) {
  return read(connection_.query(kNewestAudit, {std::int64_t{limit}}));
}

void MariaTaskStore::markOverseer() {
  connection_.execute(kMarkOverseer);
}

std::optional<UnixSeconds> MariaTaskStore::overseerMarkedOn() {
  auto rows = connection_.query(kOverseerMarked);
  return rows.empty() ? std::nullopt : rows.front().optionalInteger();
}

bool MariaTaskStore::requestDrain(int taskRunnerId) {
  return inTransaction([&] {
    if (connection_.execute(kRequestDrain, {std::int64_t{taskRunnerId}}) == 0) return false;
    record("drain", std::nullopt, "runner " + std::to_string(taskRunnerId));
    return true;
  });
}

bool MariaTaskStore::requestStop(int taskRunnerId) {
  return inTransaction([&] {
    if (connection_.execute(kRequestStop, {std::int64_t{taskRunnerId}}) == 0) return false;
    record("stop", std::nullopt, "runner " + std::to_string(taskRunnerId));
    return true;
  });
}

}  // namespace taskqueue::store
