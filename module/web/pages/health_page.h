// Shows the health checks, with fixes for those that fail, and the last changes.
#pragma once

#include "module/queue/store/audit_log.h"
#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class HealthPage {
 public:
  HealthPage(AuditLog& audit, Api& api, const PageFrame& frame) : audit_(audit), api_(api), frame_(frame) {}

  Answer show(const Request& request);

 private:
  void addAudit(kainjow::mustache::data& to);

  AuditLog& audit_;
  Api& api_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
