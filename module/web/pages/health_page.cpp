#include "module/web/pages/health_page.h"

#include <set>

#include "module/health/health.h"
#include "module/web/pages/fix_list.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/health_findings.h"

namespace taskqueue::web {

using kainjow::mustache::data;

void HealthPage::addAudit(data& to) {
  constexpr int kAuditShown = 50;
  data rows(data::type::list);
  for (const AuditEntry& entry : audit_.findAudit(kAuditShown)) {
    data row;
    setTime(row, "ChangedOn", entry.changedOn);
    row.set("who", entry.by.name);
    row.set("source", entry.by.source);
    row.set("action", entry.action);
    row.set("subject", entry.subject);
    row.set("detail", entry.detail);
    if (entry.taskQueueId) row.set("task", std::to_string(*entry.taskQueueId));
    rows.push_back(row);
  }
  to.set("noAudit", data(rows.is_empty_list()));
  to.set("audit", rows);
}

Answer HealthPage::show(const Request& request) {
  const Texts say = frame_.texts(request);
  data values;
  data rows(data::type::list);
  const auto checks = worstFirst(api_.checkHealth());
  std::set<std::string> anchors;
  for (const health::HealthCheck& check : checks) {
    data row;
    setFinding(row, check, say);
    row.set("isFirst", data(anchors.insert(check.event).second));
    row.set("fixes",
            fixList(check.state == health::Health::Ok ? std::vector<health::Fix>() : check.fixes, say));
    rows.push_back(row);
  }
  values.set("checks", rows);
  if (areTablesRead(checks)) addAudit(values);
  return frame_.page(request, "health", say.text("Health"), values);
}

}  // namespace taskqueue::web
