// Keeps the audit in MariaDB.
#pragma once

#include <utility>

#include "module/queue/store/audit_log.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class MariaAudit : public AuditLog {
 public:
  explicit MariaAudit(StoreContext& context) : context_(context), connection_(context.connection) {}

  void actAs(Actor actor) override { context_.actor = std::move(actor); }
  std::vector<AuditEntry> auditOfTask(int taskQueueId, int limit) override;
  std::vector<AuditEntry> findAudit(int limit) override;
  AuditPage searchAudit(const AuditFilter& filter, int limit) override;

 private:
  StoreContext& context_;
  Connection& connection_;
};

}  // namespace taskqueue::store
