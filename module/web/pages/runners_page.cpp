#include "module/web/pages/runners_page.h"

#include "module/queue/limits.h"
#include "module/queue/utf8_text.h"
#include "module/web/pages/fix_list.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {

using kainjow::mustache::data;

Answer RunnersPage::show(const Request& request) {
  constexpr int kMaxShown = 100;
  constexpr std::size_t kQuotedLimitBytes = 60;
  const Texts say = frame_.texts(request);
  data rows(data::type::list);
  int alive = 0;
  for (const Runner& runner : runners_.findRunners(/*onlyRunning=*/false, kMaxShown)) {
    const bool lives = runner.status == RunnerStatus::Running;
    alive += lives ? 1 : 0;
    const bool stops = lives && runner.stopRequestedOn.has_value();
    const bool drains = lives && runner.drainRequestedOn.has_value();
    data row;
    row.set("Id", std::to_string(runner.id));
    setStatus(row, stops ? "stopping" : drains ? "draining" : toString(runner.status), say);
    if (!lives)
      row.set("statusText", runner.status == RunnerStatus::Success ? say.text("ended") : say.text("lost"));
    row.set("HostName", runner.identity.hostName);
    row.set("ProcessId", std::to_string(runner.identity.processId));
    setTime(row, "StartedOn", runner.startedOn);
    row.set("heartbeat", lives ? say.text("%1 ago", {durationText(runner.heartbeatAgeSeconds * 1000)}) : "—");
    row.set("runs", say.text("%1 of %2", {std::to_string(runner.activeRuns), std::to_string(runner.slots)}));
    row.set("Queues", runner.queues);
    row.set("memory", bytesText(runner.memoryKb * 1024));
    row.set("Version", runner.version);
    row.set("odd", data(lives && runner.version != TASKQUEUE_VERSION));
    row.set("canDrain", data(lives && !drains));
    row.set("canStop", data(lives && !stops));
    rows.push_back(row);
  }
  data values;
  const bool none = rows.is_empty_list();
  values.set("none", data(none));
  if (none) values.set("fixes", fixList(health::commandsToStartRunners(), say));
  values.set("summary", say.plural("%1 runner online", "%1 runners online", alive) + ", " +
                            say.text("at least %1 expected (TaskRunnerLimit).",
                                     {std::to_string(handlers_.taskRunnerLimit())}));
  const RunnerLimit limit = handlers_.findRunnerLimit();
  values.set("limit", std::to_string(limit.limit));
  values.set("maxRunners", std::to_string(kMaxTaskRunners));
  if (limit.isMissing)
    values.set("limitProblem", say.text("The setting TaskRunnerLimit is missing and counts as 0."));
  if (limit.unreadable) {
    values.set("limitProblem",
               say.text("The setting TaskRunnerLimit is not a whole number, so it counts as 0: %1",
                        {std::string(cutAtCharacter(*limit.unreadable, kQuotedLimitBytes))}));
  }
  values.set("runners", rows);
  return frame_.page(request, "runners", say.text("Runners"), values);
}

}  // namespace taskqueue::web
