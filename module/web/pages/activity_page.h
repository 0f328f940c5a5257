// Shows who did what, filtered and paged. A bulk action is one line with its person.
#pragma once

#include "module/queue/store/audit_log.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class ActivityPage {
 public:
  ActivityPage(AuditLog& audit, const PageFrame& frame) : audit_(audit), frame_(frame) {}

  Answer show(const Request& request);

 private:
  AuditLog& audit_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
