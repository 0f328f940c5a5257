#include "module/web/pages/health_findings.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "module/web/pages/formats.h"

namespace taskqueue::web {

using health::Health;
using health::HealthCheck;

std::vector<HealthCheck> worstFirst(std::vector<HealthCheck> checks) {
  const auto key = [](const HealthCheck& check) {
    const auto since = check.since.value_or(std::numeric_limits<UnixSeconds>::max());
    return std::pair(-static_cast<int>(check.state), check.state == Health::Ok ? 0 : since);
  };
  std::stable_sort(checks.begin(), checks.end(),
                   [&](const HealthCheck& a, const HealthCheck& b) { return key(a) < key(b); });
  return checks;
}

int countProblems(const std::vector<HealthCheck>& checks) {
  return static_cast<int>(std::count_if(checks.begin(), checks.end(),
                                        [](const HealthCheck& check) { return check.state != Health::Ok; }));
}

void setFinding(kainjow::mustache::data& to, const HealthCheck& check, const Texts& say) {
  to.set("name", say.text(check.name));
  if (!check.subject.empty()) to.set("subject", check.subject);
  if (check.state != Health::Ok) setTime(to, "Since", check.since);
  setStatus(to, toString(check.state), say);
  to.set("text", say.text(check.text, check.values));
  to.set("anchor", anchorOf(check));
}

std::string anchorOf(const HealthCheck& check) {
  std::string anchor = "check-" + check.event;
  std::replace(anchor.begin(), anchor.end(), '.', '-');
  return anchor;
}

}  // namespace taskqueue::web
