#include "module/web/pages/runners_page.h"

#include "module/web/pages/formats.h"

namespace taskqueue::web {

using kainjow::mustache::data;
using List = kainjow::mustache::data;

Answer RunnersPage::show(const Request& request) {
  constexpr int kMostShown = 100;
  data values;
  List rows(data::type::list);
  for (const Runner& runner : store_.findRunners(/*onlyRunning=*/false, kMostShown)) {
    data row;
    row.set("Id", std::to_string(runner.id));
    row.set("Status", std::string(wordOf(runner.status)));
    row.set("HostName", runner.identity.hostName);
    row.set("ProcessId", std::to_string(runner.identity.processId));
    row.set("StartedOn", timeText(runner.startedOn));
    row.set("FinishedOn", timeText(runner.finishedOn));
    row.set("heartbeat", std::to_string(runner.heartbeatAgeSeconds) + " s ago");
    row.set("runs", std::to_string(runner.runsInHand) + " of " + std::to_string(runner.slots));
    row.set("Queues", runner.queues);
    row.set("MemoryKb", std::to_string(runner.memoryKb) + " KiB");
    row.set("Version", runner.version);
    rows.push_back(row);
  }
  values.set("runners", rows);
  values.set("none", data(rows.is_empty_list()));
  return frame_.page(request, "runners", "Runners", values);
}

}  // namespace taskqueue::web
