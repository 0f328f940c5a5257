// Keeps the record of who changed what. stores.h has the rules of all roles.
#pragma once

#include <vector>
#include "module/queue/audit.h"
#include "module/queue/store_error.h"

namespace taskqueue {

class AuditLog {
 public:
  virtual ~AuditLog() = default;

  // Records later changes as this actor's: cancel, retry, pause, resume, limit, drain and stop. A record is
  // written in the same transaction, if the operation changed something. An enqueue is recorded only for the
  // source `pages`, and of bulk tasks for all sources.
  virtual void actAs(Actor actor) = 0;
  // These return the newest entries first.
  virtual std::vector<AuditEntry> auditOfTask(int taskQueueId, int limit) = 0;
  virtual std::vector<AuditEntry> findAudit(int limit) = 0;
  // Returns at most `limit` entries. A search ends after kAuditSearched entries; `next` goes on with the rest.
  virtual AuditPage searchAudit(const AuditFilter& filter, int limit) = 0;
};

}  // namespace taskqueue
