#include "module/web/pages/overview_page.h"
#include "module/queue/time_units.h"

#include <algorithm>
#include <array>

#include "module/health/health.h"
#include "module/json/writer.h"
#include "module/web/form.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kRunningShown = 20;
constexpr int kFailuresRead = 200;
constexpr std::size_t kGroupsShown = 10;

struct Span {
  const char* word;
  std::int64_t seconds;
  int part;  // seconds per point of the charts
};
constexpr std::array kSpans{Span{"hour", 3600, 60}, Span{"day", kDaySeconds, 900},
                            Span{"week", 7 * kDaySeconds, 7200}};

// Returns the first span if the word is unknown.
const Span& spanNamed(const std::string& word) {
  const auto found =
      std::find_if(kSpans.begin(), kSpans.end(), [&](const Span& span) { return word == span.word; });
  return found == kSpans.end() ? kSpans.front() : *found;
}

// Reads the span from the query, or returns the problem.
std::variant<std::string, Problem> spanOf(const Request& request) {
  std::string chosen = kSpans.front().word;
  for (const auto& [name, value] : request.query) {
    if (name != "span") return unknownParameter(name);
    if (value != spanNamed(value).word) return badParameter(name, "must be hour, day or week");
    chosen = value;
  }
  return chosen;
}

std::string oneDecimal(double number) {
  const auto tenths = static_cast<std::int64_t>(number * 10 + 0.5);
  return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10));
}

double waitSeconds(const MinuteStats& sums) {
  return sums.firstRuns == 0
             ? 0
             : static_cast<double>(sums.waitSecondsTotal) / static_cast<double>(sums.firstRuns);
}

double runSeconds(const MinuteStats& sums) {
  return sums.ended() == 0 ? 0
                           : static_cast<double>(sums.runMsTotal) / 1000 / static_cast<double>(sums.ended());
}

}  // namespace

void OverviewPage::addHealth(const Texts& say, data& to) {
  const auto checks = api_.recentHealth();
  setStatus(to, toString(worstHealth(checks)), say);
  int bad = 0;
  for (const health::HealthCheck& check : checks) bad += check.state == health::Health::Ok ? 0 : 1;
  const auto marked = maintenance_.overseerMarkedOn();
  const std::string overseer =
      marked ? say.text("overseer called %1 ago", {durationText((clock_.now() - *marked) * 1000)})
             : say.text("overseer not called yet");
  const auto alive = static_cast<std::int64_t>(runners_.findRunners(/*onlyRunning=*/true, 1000).size());
  to.set("healthText",
         (bad > 0 ? say.plural("%1 problem", "%1 problems", bad) : say.text("All checks passed")) + " · " +
             say.plural("%1 runner online", "%1 runners online", alive) + " · " + overseer);
}

void OverviewPage::addTiles(const Texts& say, data& to) {
  const QueueNumbers numbers = statistics_.readQueueNumbers(kMaxCountedOnPages);
  MinuteStats day;
  MinuteStats lately;
  for (const MinuteStats& part :
       statistics_.readMinutes(numbers.now - kDaySeconds, static_cast<int>(kMinuteSeconds))) {
    day.succeeded += part.succeeded;
    day.failed += part.failed;
    if (part.from >= numbers.now - 6 * kMinuteSeconds) lately.succeeded += part.ended();
  }
  data tiles(data::type::list);
  const auto add = [&](const std::string& label, const std::string& value, const std::string& link) {
    data tile;
    tile.set("label", label);
    tile.set("value", value);
    tile.set("link", link);
    tiles.push_back(tile);
  };
  add(say.text("waiting"), countText(numbers.waiting, say), "tasks?LastStatus=scheduled");
  add(say.text("longest wait"),
      numbers.oldestDue ? durationText((numbers.now - *numbers.oldestDue) * 1000) : std::string("—"),
      "tasks?sort=NextRunOn");
  add(say.text("running"), countText(numbers.running, say), "tasks?LastStatus=running");
  add(say.text("failed runs, 24 h"), say.number(day.failed), "tasks?LastStatus=error");
  add(say.text("succeeded runs, 24 h"), say.number(day.succeeded), "tasks?LastStatus=success");
  add(say.text("runs per minute"), oneDecimal(static_cast<double>(lately.succeeded) / 5), "tasks");
  to.set("tiles", tiles);
}

void OverviewPage::addRunning(data& to) {
  data rows(data::type::list);
  for (const RunningTask& task : statistics_.findRunningTasks(kRunningShown)) {
    data row;
    row.set("TaskId", std::to_string(task.run.taskQueueId));
    row.set("RunId", std::to_string(task.run.id));
    row.set("name", task.title.empty() ? task.taskHandlerClass + " " + std::to_string(task.run.taskQueueId)
                                       : task.title);
    row.set("TaskHandlerClass", task.taskHandlerClass);
    row.set("PercentsCompleted", std::to_string(task.run.percentsCompleted));
    row.set("ProgressNote", task.run.progressNote);
    setTime(row, "StartedOn", task.run.startedOn);
    rows.push_back(row);
  }
  to.set("noneRunning", data(rows.is_empty_list()));
  to.set("running", rows);
}

// Groups the failures by handler and error. Each group shows its newest failure.
void OverviewPage::addFailures(data& to) {
  struct Group {
    FailedTask newest;
    int count = 0;
  };
  std::map<std::pair<std::string, std::string>, Group> byKind;
  std::vector<std::pair<std::string, std::string>> order;  // keys of the groups, by their newest failure
  for (FailedTask& task : statistics_.findFailedTasks(kFailuresRead)) {
    const std::pair kind(task.taskHandlerClass, task.errorCode);
    Group& group = byKind[kind];
    if (group.count++ > 0) continue;
    group.newest = std::move(task);
    order.push_back(kind);
  }
  data rows(data::type::list);
  for (const auto& kind : order) {
    if (rows.list_value().size() == kGroupsShown) break;
    const Group& group = byKind.at(kind);
    data row;
    row.set("count", std::to_string(group.count));
    row.set("TaskHandlerClass", kind.first);
    row.set("ErrorCode", kind.second.empty() ? "—" : kind.second);
    row.set("hasCode", data(!kind.second.empty()));  // without a code, the button would retry all errors
    row.set("ErrorMessage", group.newest.errorMessage);
    row.set("RunId", std::to_string(group.newest.runId));
    setTime(row, "FinishedOn", group.newest.finishedOn);
    row.set(
        "query",
        writeQuery({{"LastStatus", "error"}, {"TaskHandlerClass", kind.first}, {"ErrorCode", kind.second}}));
    rows.push_back(row);
  }
  to.set("noneFailed", data(rows.is_empty_list()));
  to.set("failures", rows);
}

void OverviewPage::addParts(const std::string& chosenSpan, const Texts& say, data& to) {
  const Span& chosen = spanNamed(chosenSpan);
  data spans(data::type::list);
  for (const Span& span : kSpans) {
    data one;
    const std::string word = span.word;
    one.set("word", word);
    one.set("text", word == "hour" ? say.text("hour") : word == "day" ? say.text("day") : say.text("week"));
    one.set("current", data(word == chosen.word));
    spans.push_back(one);
  }
  to.set("spans", spans);
  to.set("span", std::string(chosen.word));
  data rows(data::type::list);
  for (const MinuteStats& part : statistics_.readMinutes(clock_.now() - chosen.seconds, chosen.part)) {
    data row;
    setTime(row, "from", part.from);
    row.set("succeeded", say.number(part.succeeded));
    row.set("failed", say.number(part.failed));
    row.set("wait", oneDecimal(waitSeconds(part)) + " s");
    row.set("run", oneDecimal(runSeconds(part)) + " s");
    rows.push_back(row);
  }
  to.set("parts", rows);
}

Answer OverviewPage::show(const Request& request) {
  const auto span = spanOf(request);
  if (const auto* problem = std::get_if<Problem>(&span)) return *problem;
  const Texts say = frame_.texts(request);
  data values;
  addHealth(say, values);
  addTiles(say, values);
  addRunning(values);
  addFailures(values);
  addParts(std::get<std::string>(span), say, values);
  TaskFilter newest;
  newest.limit = 1;
  values.set("nothingYet", data(tasks_.findTasks(newest).empty()));
  return frame_.page(request, "overview", say.text("Overview"), values);
}

Answer OverviewPage::chart(const Request& request) {
  const auto word = spanOf(request);
  if (const auto* problem = std::get_if<Problem>(&word)) return *problem;
  const Span& span = spanNamed(std::get<std::string>(word));
  const UnixSeconds now = clock_.now();
  const UnixSeconds first = (now - span.seconds) / span.part * span.part;
  std::map<UnixSeconds, MinuteStats> parts;
  for (const MinuteStats& part : statistics_.readMinutes(first, span.part)) parts[part.from] = part;
  json::Writer to;
  to.startObject().key("Parts").startArray();
  for (UnixSeconds from = first; from < now; from += span.part) {
    const MinuteStats& part = parts[from];
    to.startObject().member("From", from).member("Succeeded", part.succeeded).member("Failed", part.failed);
    to.member("WaitSeconds", waitSeconds(part)).member("RunSeconds", runSeconds(part)).endObject();
  }
  Response response;
  response.body = to.endArray().endObject().text();
  return response;
}

}  // namespace taskqueue::web
