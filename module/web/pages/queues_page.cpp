#include "module/web/pages/queues_page.h"
#include "module/queue/time_units.h"
#include "module/queue/waiting.h"

#include <set>
#include <sstream>

#include "module/web/form.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kMaxQueues = 1000;  // queues that have or had tasks
constexpr int kMaxRunners = 1000;

// Says who paused it, until when, and why.
std::string termsText(const Pause& pause, const Texts& say) {
  const std::string who =
      pause.pausedBy.empty() ? say.text("user %1", {std::to_string(pause.pausedById)}) : pause.pausedBy;
  const std::string text = pause.terms.pausedUntil
                               ? say.text("by %1 until %2", {who, utcText(*pause.terms.pausedUntil)})
                               : say.text("by %1 until it is resumed", {who});
  return pause.terms.reason.empty() ? text : text + ": " + pause.terms.reason;
}

// The choices of the form, in seconds; none is the first.
std::vector<std::pair<std::string, std::string>> lengthsOfPauses(const Texts& say) {
  return {{"", say.text("until it is resumed")},
          {"900", say.text("15 minutes")},
          {"3600", say.text("1 hour")},
          {"14400", say.text("4 hours")},
          {"86400", say.text("1 day")}};
}

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
  std::map<std::string, Pause> paused;
  std::optional<Pause> all;
  for (const Pause& pause : handlers_.findPauses()) {
    if (pause.kind == PauseKind::All) all = pause;
    if (pause.kind != PauseKind::Queue) continue;
    paused[pause.name] = pause;
    queues[pause.name].queue = pause.name;
  }
  auto sums = statistics_.readMinutesByQueue(now - kHourSeconds);
  data rows(data::type::list);
  for (const auto& [name, depth] : queues) {
    const auto pause = paused.find(name);
    const bool isPaused = pause != paused.end();
    data row;
    row.set("name", name);
    row.set("query", percentEncoded(name));
    setStatus(row, isPaused || all ? "paused" : runners[name] == 0 ? "unserved" : "open", say);
    row.set("terms", isPaused ? termsText(pause->second, say) : "");
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
  if (all) {
    data pause;
    pause.set("terms", termsText(*all, say));
    values.set("all", pause);
  }
  data lengths(data::type::list);
  for (const auto& [seconds, text] : lengthsOfPauses(say)) {
    data length;
    length.set("seconds", seconds);
    length.set("text", text);
    lengths.push_back(length);
  }
  values.set("lengths", lengths);
  if (mayBeMore)
    values.set("cut",
               say.text("Only the first %1 by name are shown; there may be more.", {say.number(kMaxQueues)}));
  return frame_.page(request, "queues", say.text("Queues"), values);
}

}  // namespace taskqueue::web
