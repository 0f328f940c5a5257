#include "module/web/pages/overview_page.h"
#include "module/queue/time_units.h"

#include <algorithm>
#include <array>

#include "module/health/health.h"
#include "module/json/writer.h"
#include "module/queue/task_state.h"
#include "module/web/form.h"
#include "module/web/pages/error_rows.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/health_findings.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kProblemsShown = 4;
constexpr int kRunningShown = 20;
constexpr int kErrorGroupsShown = 5;

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
  const auto checks = worstFirst(api_.recentHealth());
  const int bad = countProblems(checks);
  data problems(data::type::list);
  for (int i = 0; i < std::min(bad, kProblemsShown); ++i) {
    data row;
    setFinding(row, checks.at(static_cast<std::size_t>(i)), say);
    problems.push_back(row);
  }
  to.set("problems", problems);
  if (bad > kProblemsShown)
    to.set("furtherProblems", say.plural("%1 more problem", "%1 more problems", bad - kProblemsShown));
  to.set("allPassed", data(bad == 0));
  if (bad == 0) setStatus(to, "ok", say);
  const auto marked = maintenance_.overseerMarkedOn();
  const std::string overseer =
      marked ? say.text("overseer called %1 ago", {durationText((clock_.now() - *marked) * 1000)})
             : say.text("overseer not called yet");
  const auto alive = static_cast<std::int64_t>(runners_.findRunners(/*onlyRunning=*/true, 1000).size());
  to.set("healthText", (bad == 0 ? say.text("All checks passed") + " · " : "") +
                           say.plural("%1 runner online", "%1 runners online", alive) + " · " + overseer);
}

// Each number is counted by the state that its link opens.
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
    if (!link.empty()) tile.set("link", link);
    tiles.push_back(tile);
  };
  const auto counts = statistics_.countByState(kMaxCountedOnPages);
  const auto addState = [&](TaskState state) {
    const std::string word(toString(state));
    add(statusText(word, say), countText(counts.at(state), say), "tasks?State=" + word);
  };
  addState(TaskState::Waiting);
  add(say.text("longest wait"),
      numbers.oldestDue ? durationText((numbers.now - *numbers.oldestDue) * 1000) : std::string("—"),
      numbers.oldestTaskId > 0 ? "tasks/" + std::to_string(numbers.oldestTaskId) : "");
  for (const TaskState state :
       {TaskState::Retrying, TaskState::Parked, TaskState::Running, TaskState::Failed, TaskState::Lost})
    addState(state);
  add(say.text("failed runs, 24 h"), say.number(day.failed), "errors?span=day");
  add(say.text("succeeded runs, 24 h"), say.number(day.succeeded), "");
  add(say.text("runs per minute"), oneDecimal(static_cast<double>(lately.succeeded) / 5), "");
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
    row.set("classPath", percentEncoded(task.taskHandlerClass));
    row.set("PercentsCompleted", std::to_string(task.run.percentsCompleted));
    row.set("ProgressNote", task.run.progressNote);
    setTime(row, "StartedOn", task.run.startedOn);
    rows.push_back(row);
  }
  to.set("noneRunning", data(rows.is_empty_list()));
  to.set("running", rows);
}

void OverviewPage::addErrors(const Texts& say, data& to) {
  const UnixSeconds now = clock_.now();
  const LongSpan& day = kLongSpans.front();
  const auto groups = errors_.findErrorGroups({.from = now - day.seconds, .limit = kErrorGroupsShown});
  to.set("noErrors", data(groups.empty()));
  to.set("groups", ErrorRows(errors_, now, day, say).of(groups));
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
  addErrors(say, values);
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
