#include "module/web/pages/schedules_page.h"

#include "module/queue/schedule/firing_plan.h"
#include "module/web/pages/cron_words.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kMaxSchedules = 1000;

data rowOf(const Schedule& schedule, const Texts& say) {
  const ScheduleDefinition& definition = schedule.definition;
  data row;
  row.set("id", std::to_string(schedule.id));
  row.set("name", definition.name);
  row.set("handler", definition.taskHandlerClass);
  row.set("cron", definition.cronExpression);
  const auto times = parseFiringTimes(definition);
  if (const auto* known = std::get_if<FiringTimes>(&times)) row.set("words", cronInWords(known->expression, say));
  row.set("zone", definition.timeZone);
  setStatus(row, !schedule.problem.empty() ? "failed" : definition.enabled ? "open" : "paused", say);
  if (schedule.problem.empty())
    row.set("statusText", definition.enabled ? say.text("enabled") : say.text("disabled"));
  row.set("problem", schedule.problem);
  row.set("verb", definition.enabled ? "disable" : "enable");
  row.set("verbText", definition.enabled ? say.text("Disable") : say.text("Enable"));
  const bool hasNext = schedule.nextFireOn.value_or(kUnscheduled) != kUnscheduled;
  setTime(row, "next", hasNext ? schedule.nextFireOn : std::nullopt);
  setTime(row, "last", schedule.lastFiredOn);
  if (schedule.lastTaskQueueId) row.set("task", std::to_string(*schedule.lastTaskQueueId));
  return row;
}

}  // namespace

Answer SchedulesPage::show(const Request& request) {
  const Texts say = frame_.texts(request);
  data rows(data::type::list);
  for (const Schedule& schedule : schedules_.findSchedules(kMaxSchedules))
    rows.push_back(rowOf(schedule, say));
  data values;
  values.set("none", data(rows.is_empty_list()));
  values.set("schedules", rows);
  return frame_.page(request, "schedules", say.text("Schedules"), values);
}

}  // namespace taskqueue::web
