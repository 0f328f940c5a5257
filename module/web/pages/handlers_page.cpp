#include "module/web/pages/handlers_page.h"
#include "module/queue/time_units.h"

#include <set>
#include <string>
#include <vector>

#include "module/queue/listed.h"
#include "module/queue/waiting.h"
#include "module/web/form.h"
#include "module/web/pages/fix_list.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

std::string successRate(const MinuteStats& sums) {
  const std::int64_t counted = sums.succeeded + sums.failed;
  if (counted == 0) return "—";
  const std::int64_t tenths = 1000 * sums.succeeded / counted;
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) + " %";
}

std::string secondsText(int seconds) {
  return durationText(std::int64_t{seconds} * 1000);
}

// Says how often a task is tried and how long it waits in between, as far as the handler declares it.
std::string retriesText(const HandlerSettings& settings, const Texts& say) {
  std::vector<std::string> parts;
  if (settings.maxRetries > 0) parts.push_back(say.plural("%1 try", "%1 tries", settings.maxRetries));
  if (!settings.retryDelays.empty()) {
    for (const int seconds : settings.retryDelays) parts.push_back(secondsText(seconds));
  } else if (settings.retryDelaySeconds) {
    parts.push_back(say.text("%1, doubling", {secondsText(*settings.retryDelaySeconds)}));
  }
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " · ") + part;
  return orDash(text);
}

// A handler of another kind comes from the worker pool of that name.
std::string kindText(const std::string& kind, const Texts& say) {
  if (kind == "cpp") return "C++";
  if (kind == "php") return "PHP";
  return kind == "command" ? say.text("command") : kind;
}

data rowOf(const HandlerDeclaration& handler, HandlerStats& day, bool isPaused, const Texts& say) {
  const std::string& name = handler.taskHandlerClass;
  data row;
  row.set("name", name);
  row.set("query", percentEncoded(name));
  setStatus(row, isPaused ? "paused" : "open", say);
  row.set("kind", kindText(handler.kind, say));
  row.set("runnersText", handler.offeredUntil
                             ? say.text("no runner since %1", {utcText(*handler.offeredUntil)})
                             : say.plural("on %1 runner", "on %1 runners", handler.liveRunners));
  row.set("runs", say.number(day.sums.ended()));
  row.set("successRate", successRate(day.sums));
  row.set("p50", durationText(day.times.percentile(0.5)));
  row.set("p95", durationText(day.times.percentile(0.95)));
  row.set("retriesText", retriesText(handler.settings, say));
  const int max = handler.settings.maxRunning;
  row.set("maxRunning", std::to_string(max));
  row.set("limitText", max == 0 ? say.text("unlimited") : say.number(max));
  row.set("limitLabel", say.text("Concurrency limit of %1; 0 means unlimited", {name}));
  row.set("verb", std::string(isPaused ? "resume" : "pause"));
  row.set("verbText", isPaused ? say.text("Resume") : say.text("Pause"));
  return row;
}

}  // namespace

Answer HandlersPage::show(const Request& request) {
  const Texts say = frame_.texts(request);
  auto day = statistics_.readHandlerStats(clock_.now() - kDaySeconds);
  std::set<std::string> paused;
  for (const Pause& pause : handlers_.findPauses()) {
    if (pause.kind == PauseKind::Handler) paused.insert(pause.name);
  }
  data rows(data::type::list);
  const auto handlers = handlers_.findHandlers();
  for (const HandlerDeclaration& handler : handlers) {
    const std::string& name = handler.taskHandlerClass;
    rows.push_back(rowOf(handler, day[name], paused.contains(name), say));
  }
  data values;
  values.set("none", data(rows.is_empty_list()));
  values.set("fixes", fixList(health::commandsToStartRunners(), say));
  values.set("handlers", rows);
  if (handlers.size() == kMaxHandlersRead)
    values.set("cut", say.text("Only the first %1 by name are shown; there may be more.",
                               {say.number(kMaxHandlersRead)}));
  return frame_.page(request, "handlers", say.text("Handlers"), values);
}

}  // namespace taskqueue::web
