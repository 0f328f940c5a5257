// Keeps the audit.
#include "module/queue/utf8_text.h"
#include "module/store/maintenance/maria_audit.h"

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

constexpr std::size_t kNameBytes = 190;
constexpr std::size_t kTextBytes = 255;

std::vector<AuditEntry> read(std::vector<Row> rows) {
  std::vector<AuditEntry> entries;
  for (Row& row : rows) {
    AuditEntry entry;
    row.into(entry.changedOn, entry.by.name, entry.by.source, entry.action, entry.taskQueueId, entry.subject,
             entry.detail);
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

void StoreContext::record(const std::string& action, std::optional<int> taskQueueId,
                          const std::string& subject, const std::string& detail) {
  if (actor.name.empty()) return;
  connection.execute(kRecord, {std::string(cutAtCharacter(actor.name, kNameBytes)), actor.source, action,
                               taskQueueId, std::string(cutAtCharacter(subject, kTextBytes)),
                               std::string(cutAtCharacter(detail, kTextBytes))});
}

std::vector<AuditEntry> MariaAudit::auditOfTask(int taskQueueId, int limit) {
  return read(connection_.query(kAuditOfTask, {taskQueueId, limit}));
}

std::vector<AuditEntry> MariaAudit::findAudit(int limit) {
  return read(connection_.query(kNewestAudit, {limit}));
}

}  // namespace taskqueue::store
