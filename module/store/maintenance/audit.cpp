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
  Id, ChangedOn, ChangedBy, Source, Action, TaskQueueId, Subject, Detail
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

// Served by the primary key: a batch of entries below an Id, newest first.
const Sql kSearchAudit{"search-audit", R"(
  SELECT {audit_columns}
  FROM (
    SELECT {audit_columns}
    FROM {TaskQueueAudit} FORCE INDEX (PRIMARY)
    WHERE Id < ?
    ORDER BY Id DESC
    LIMIT ?
  ) a
  WHERE (? IS NULL OR ChangedBy = ?)
    AND (? IS NULL OR Source = ?)
    AND (? IS NULL OR Action = ?)
    AND (? IS NULL OR LOCATE(?, Subject) > 0)
    AND (? IS NULL OR TaskQueueId = ?)
    AND (? OR Source <> 'bulk')
  ORDER BY Id DESC
  LIMIT ?
)"};
// Served by the primary key.
const Sql kEndOfAuditBatch{"end-of-audit-batch", R"(
  SELECT COALESCE(MIN(Id), 0), COUNT(*)
  FROM (
    SELECT Id
    FROM {TaskQueueAudit} FORCE INDEX (PRIMARY)
    WHERE Id < ?
    ORDER BY Id DESC
    LIMIT ?
  ) a
)"};

constexpr std::size_t kNameBytes = 190;
constexpr std::size_t kTextBytes = 255;

std::vector<AuditEntry> read(std::vector<Row> rows) {
  std::vector<AuditEntry> entries;
  for (Row& row : rows) {
    AuditEntry entry;
    row.into(entry.id, entry.changedOn, entry.by.name, entry.by.source, entry.action, entry.taskQueueId, entry.subject,
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

AuditPage MariaAudit::searchAudit(const AuditFilter& filter, int limit) {
  AuditPage page;
  int before = filter.beforeId.value_or(INT32_MAX);
  for (int searched = 0; searched < kAuditSearched; searched += kAuditBatch) {
    const int wanted = limit + 1 - static_cast<int>(page.entries.size());
    const Value by = filter.by;
    const Value source = filter.source;
    const Value action = filter.action;
    const Value part = filter.subjectPart;
    const Value task = filter.taskQueueId;
    for (AuditEntry& entry : read(connection_.query(
             kSearchAudit, {before, kAuditBatch, by, by, source, source, action, action, part, part, task, task,
                            filter.bulkParts, wanted})))
      page.entries.push_back(std::move(entry));
    if (static_cast<int>(page.entries.size()) > limit) {
      page.entries.pop_back();
      page.next = page.entries.back().id;
      return page;
    }
    const auto [lowest, count] =
        connection_.query(kEndOfAuditBatch, {before, kAuditBatch}).at(0).as<int, int>();
    if (count < kAuditBatch) return page;
    before = lowest;
  }
  page.next = before;
  return page;
}

}  // namespace taskqueue::store
