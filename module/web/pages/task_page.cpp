#include "module/web/pages/task_page.h"

#include "module/web/api.h"
#include "module/web/pages/values.h"

namespace taskqueue::web {

using kainjow::mustache::data;
using List = kainjow::mustache::data;

Answer TaskPage::show(const Request& request) {
  const auto id = idOf(request);
  const auto facts = id ? store_.findWaitFacts(*id) : std::nullopt;
  if (!facts) return notFound("task");
  const Task& task = facts->task;
  data values;
  describe(values, task);
  if (const auto reason = whyWaiting(*facts)) values.set("whereItStands", reason->text);
  List rows(data::type::list);
  for (const Run& run : store_.runsOfTask(*id)) {
    data row;
    describe(row, run);
    rows.push_back(row);
  }
  values.set("runs", rows);
  const bool mayChange = request.role == "operator" || request.role == "admin";
  const bool running = task.lastStatus == RunStatus::Running;
  values.set("canCancel", data(mayChange && (running || task.nextRunOn || !task.parkedReason.empty())));
  values.set("canRetry", data(mayChange && !running));
  return frame_.page(request, "task", "Task " + std::to_string(*id), values);
}

}  // namespace taskqueue::web
