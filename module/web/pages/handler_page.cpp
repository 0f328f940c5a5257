#include "module/web/pages/handler_page.h"

#include <algorithm>

#include "module/queue/task_state.h"
#include "module/web/api.h"
#include "module/web/form.h"
#include "module/web/pages/error_rows.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/handler_words.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kGroupsOfHandlerShown = 10;
constexpr int kMaxOfHandlerCounted = 1000;  // tasks of a state

void add(HandlerStats& to, const HandlerStats& more) {
  to.sums.succeeded += more.sums.succeeded;
  to.sums.failed += more.sums.failed;
  to.sums.cancelled += more.sums.cancelled;
  to.sums.firstRuns += more.sums.firstRuns;
  to.sums.waitSecondsTotal += more.sums.waitSecondsTotal;
  to.times.add(more.times.histogram());
}

// Says by how much a figure has grown: "+20 %".
std::string changeText(std::int64_t now, std::int64_t before) {
  if (before == 0) return "—";
  const std::int64_t percent = (now - before) * 100 / before;
  return (percent > 0 ? "+" : percent < 0 ? "−" : "±") + std::to_string(std::abs(percent)) + " %";
}

std::optional<std::int64_t> averageWaitMs(const MinuteStats& sums) {
  if (sums.firstRuns == 0) return std::nullopt;
  return sums.waitSecondsTotal * 1000 / sums.firstRuns;
}

data figuresOf(const HandlerStats& now, const HandlerStats& before, const Texts& say) {
  data rows(data::type::list);
  const auto row = [&](const char* key, const std::string& name, const std::string& one,
                       const std::string& other, const std::string& change) {
    data figure;
    figure.set("key", std::string(key));
    figure.set("name", name);
    figure.set("now", one);
    figure.set("before", other);
    figure.set("change", change);
    rows.push_back(figure);
  };
  const auto count = [&](const char* key, const std::string& name, std::int64_t one, std::int64_t other) {
    row(key, name, say.number(one), say.number(other), changeText(one, other));
  };
  const auto time = [&](const char* key, const std::string& name, std::optional<std::int64_t> one,
                        std::optional<std::int64_t> other) {
    row(key, name, durationText(one), durationText(other), one && other ? changeText(*one, *other) : "—");
  };
  count("runs", say.text("Runs"), now.sums.ended(), before.sums.ended());
  count("failed", say.text("Failed"), now.sums.failed, before.sums.failed);
  row("rate", say.text("Succeeded"), successRate(now.sums), successRate(before.sums), "");
  time("p50", say.text("Median"), now.times.percentile(0.5), before.times.percentile(0.5));
  time("p95", say.text("95th percentile"), now.times.percentile(0.95), before.times.percentile(0.95));
  time("wait", say.text("Average wait"), averageWaitMs(now.sums), averageWaitMs(before.sums));
  return rows;
}

}  // namespace

bool HandlerPage::addDeclaration(const std::string& name, const Texts& say, data& to) {
  const auto pauses = handlers_.findPauses();
  const bool isPaused = std::any_of(pauses.begin(), pauses.end(), [&](const Pause& pause) {
    return pause.kind == PauseKind::Handler && pause.name == name;
  });
  const auto handler = handlers_.findHandler(name);
  setStatus(to, isPaused ? "paused" : handler && !handler->offeredUntil ? "open" : "unserved", say);
  if (!handler) return isPaused;
  to.set("kindText", kindText(handler->kind, say));
  to.set("runnersText", runnersText(*handler, say));
  to.set("retriesText", retriesText(handler->settings, say));
  to.set("limitText", limitText(handler->settings.maxRunning, say));
  to.set("keyLimitText", limitText(handler->settings.maxRunningPerKey, say));
  return true;
}

bool HandlerPage::addRuns(const std::string& name, const LongSpan& span, const Texts& say, data& to) {
  const UnixSeconds now = clock_.now();
  const UnixSeconds from = (now - span.seconds) / span.part * span.part;
  HandlerStats sums;
  HandlerStats before;
  data parts(data::type::list);
  std::vector<std::int64_t> values(static_cast<std::size_t>((now - from) / span.part + 1));
  for (const auto& [begin, part] : statistics_.readHandlerParts(name, from - span.seconds, now, span.part)) {
    add(begin < from ? before : sums, part);
    if (begin < from) continue;
    data row;
    setTime(row, "from", begin);
    row.set("runs", say.number(part.sums.ended()));
    row.set("failed", say.number(part.sums.failed));
    row.set("p50", durationText(part.times.percentile(0.5)));
    row.set("p95", durationText(part.times.percentile(0.95)));
    parts.push_back(row);
    values.at(static_cast<std::size_t>((begin - from) / span.part)) = part.times.percentile(0.95).value_or(0);
  }
  to.set("figures", figuresOf(sums, before, say));
  to.set("parts", parts);
  setBars(to, values, say.text("95th percentile of the run times over time"));
  return sums.sums.ended() + before.sums.ended() > 0;
}

bool HandlerPage::addErrors(const std::string& name, const LongSpan& span, const Texts& say, data& to) {
  const UnixSeconds now = clock_.now();
  const auto groups = errors_.findErrorGroups(
      {.from = now - span.seconds, .taskHandlerClass = name, .limit = kGroupsOfHandlerShown});
  to.set("none", data(groups.empty()));
  to.set("groups", ErrorRows(errors_, now, span, say).of(groups));
  return !groups.empty();
}

bool HandlerPage::addTasks(const std::string& name, const Texts& say, data& to) {
  bool any = false;
  data states(data::type::list);
  for (const TaskState state : kAllTaskStates) {
    const std::string word(toString(state));
    data one;
    one.set("query", writeQuery({{"State", word}, {"TaskHandlerClass", name}}));
    one.set("text", statusText(word, say));
    TaskFilter filter;
    filter.state = state;
    filter.taskHandlerClass = name;
    const BoundedCount count = statistics_.countUpTo(filter, kMaxOfHandlerCounted);
    any = any || count.value > 0 || count.more;
    one.set("count", countText(count, say));
    states.push_back(one);
  }
  to.set("states", states);
  return any;
}

Answer HandlerPage::show(const Request& request) {
  const LongSpan* span = kLongSpans.data();
  for (const auto& [name, value] : request.query) {
    if (name != "span") return unknownParameter(name);
    span = longSpanNamed(value);
    if (span == nullptr) return badParameter(name, "must be day, week, month or year");
  }
  const std::string& name = request.parameters.at("Name");
  const Texts say = frame_.texts(request);
  data values;
  const bool isDeclared = addDeclaration(name, say, values);
  const bool hasRun = addRuns(name, *span, say, values);
  const bool hasFailed = addErrors(name, *span, say, values);
  const bool hasTasks = addTasks(name, say, values);
  if (!isDeclared && !hasRun && !hasFailed && !hasTasks) return notFound("handler");
  values.set("path", percentEncoded(name));
  setSpans(values, *span, {}, say);
  return frame_.page(request, "handler", name, values);
}

}  // namespace taskqueue::web
