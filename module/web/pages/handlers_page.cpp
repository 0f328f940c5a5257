#include "module/web/pages/handlers_page.h"
#include "module/queue/time_units.h"

#include <set>
#include <string>
#include <vector>

#include "module/queue/listed.h"
#include "module/web/form.h"
#include "module/web/pages/fix_list.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/handler_words.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

data rowOf(const HandlerDeclaration& handler, HandlerStats& day, bool isPaused, const Texts& say) {
  const std::string& name = handler.taskHandlerClass;
  data row;
  row.set("name", name);
  row.set("query", percentEncoded(name));
  setStatus(row, isPaused ? "paused" : "open", say);
  row.set("kind", kindText(handler.kind, say));
  row.set("runnersText", runnersText(handler, say));
  row.set("runs", say.number(day.sums.ended()));
  row.set("successRate", successRate(day.sums));
  row.set("p50", durationText(day.times.percentile(0.5)));
  row.set("p95", durationText(day.times.percentile(0.95)));
  row.set("retriesText", retriesText(handler.settings, say));
  const int max = handler.settings.maxRunning;
  row.set("maxRunning", std::to_string(max));
  row.set("limitText", limitText(max, say));
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
