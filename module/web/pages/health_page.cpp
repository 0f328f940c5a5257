#include "module/web/pages/health_page.h"

#include "module/web/health.h"

namespace taskqueue::web {

using kainjow::mustache::data;
using List = kainjow::mustache::data;

Answer HealthPage::show(const Request& request) {
  data values;
  List rows(data::type::list);
  for (const HealthCheck& check : checkHealth(store_, schemaProblem_)) {
    data row;
    row.set("name", check.name);
    row.set("state", std::string(wordOf(check.state)));
    row.set("text", check.text);
    row.set("remedy", check.remedy);
    rows.push_back(row);
  }
  values.set("checks", rows);
  return frame_.page(request, "health", "Health", values);
}

}  // namespace taskqueue::web
