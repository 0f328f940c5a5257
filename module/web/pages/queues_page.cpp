#include "module/web/pages/queues_page.h"
#include "module/queue/time_units.h"

#include <set>
#include <sstream>

#include "module/web/form.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kMaxQueues = 1000;  // queues that have or had tasks
constexpr int kMaxRunners = 1000;

}  // namespace

Answer QueuesPage::show(const Request& request) {
  const Texts say = frame_.texts(request);
  const UnixSeconds now = clock_.now();
  std::map<std::string, QueueDepth> queues;
  for (QueueDepth& depth : statistics_.readQueueDepths(kMaxQueues, kMaxCountedOnPages))
    queues[depth.queue] = depth;
  const bool mayBeMore = queues.size() == static_cast<std::size_t>(kMaxQueues);
  std::map<std::string, int> runners;
  for (const Runner& runner : runners_.findRunners(/*onlyRunning=*/true, kMaxRunners)) {
    std::istringstream names(runner.queues);
    for (std::string name; std::getline(names, name, ',');) {
      ++runners[name];
      queues[name].queue = name;
    }
  }
  std::set<std::string> paused;
  for (const Pause& pause : handlers_.findPauses()) {
    if (pause.kind != PauseKind::Queue) continue;
    paused.insert(pause.name);
    queues[pause.name].queue = pause.name;
  }
  auto sums = statistics_.readMinutesByQueue(now - kHourSeconds);
  data rows(data::type::list);
  for (const auto& [name, depth] : queues) {
    const bool isPaused = paused.contains(name);
    data row;
    row.set("name", name);
    row.set("query", percentEncoded(name));
    setStatus(row, isPaused ? "paused" : runners[name] == 0 ? "unserved" : "open", say);
    row.set("waiting", countText(depth.waiting, say));
    row.set("oldest", depth.oldestDue ? durationText((now - *depth.oldestDue) * 1000) : std::string("—"));
    row.set("rate", say.number(sums[name].ended()));
    row.set("runners", say.number(runners[name]));
    row.set("verb", std::string(isPaused ? "resume" : "pause"));
    row.set("verbText", isPaused ? say.text("Resume") : say.text("Pause"));
    rows.push_back(row);
  }
  data values;
  values.set("none", data(rows.is_empty_list()));
  values.set("queues", rows);
  if (mayBeMore)
    values.set("cut",
               say.text("Only the first %1 by name are shown; there may be more.", {say.number(kMaxQueues)}));
  return frame_.page(request, "queues", say.text("Queues"), values);
}

}  // namespace taskqueue::web
