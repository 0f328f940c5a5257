#include "module/web/pages/run_page.h"
#include "module/queue/time_units.h"

#include <algorithm>
#include <csignal>

#include "module/web/api.h"
#include "module/web/form.h"
#include "module/web/log/html.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr std::size_t kErrorLines = 20;  // lines of error output that are shown with an error

// Returns whether the line is a frame of an exception's trace in the PHP host's format, or separates two
// exceptions.
bool isOfTrace(const std::string& line) {
  const bool isFrame = line.size() > 1 && line[0] == '#' && line[1] >= '0' && line[1] <= '9';
  return isFrame || line.starts_with("caused by ") || line.starts_with("… ");
}

// Returns the index of the line with the exception whose trace ends these lines; its newest frames follow.
// Returns nothing if no trace ends them.
std::optional<std::size_t> beginOfTrace(const std::vector<log::Line>& lines) {
  std::size_t at = lines.size();
  while (at > 0 && isOfTrace(log::plainText(lines[at - 1]))) --at;
  if (at == 0 || at == lines.size()) return std::nullopt;
  return at - 1;
}

std::string pathOf(const Run& run) {
  return "runs/" + std::to_string(run.id);
}

// Sets a link to another part of the log.
void setLink(data& to, const char* name, const LogQuery& query, std::int64_t from, bool isThere) {
  if (!isThere) return;
  to.set(name, writeQuery({{"stream", std::string(toString(query.stream))},
                           {"q", query.search},
                           {"from", std::to_string(from)}}));
}

void setMatchLink(data& to, const char* name, const LogQuery& query, std::int64_t match, bool isThere) {
  if (!isThere) return;
  to.set(name, writeQuery({{"stream", std::string(toString(query.stream))},
                           {"q", query.search},
                           {"match", std::to_string(match)}}));
}

// While a run is open, only its output shows the size; its row does not.
std::int64_t bytesOf(TaskStore& tasks, const Run& run, OutputStream stream) {
  if (!isOpen(run.status))
    return stream == OutputStream::ErrorOutput ? run.errorOutputBytes : run.standardOutputBytes;
  const auto measured = tasks.readOutput(run.id, stream, INT64_MAX, 1);
  return measured ? measured->totalBytes : 0;
}

void showStreams(data& to, TaskStore& tasks, const Run& run, OutputStream shown, const Texts& texts) {
  data streams(data::type::list);
  for (const auto stream : {OutputStream::StandardOutput, OutputStream::ErrorOutput}) {
    data one;
    one.set("word", std::string(toString(stream)));
    one.set("name",
            stream == OutputStream::ErrorOutput ? texts.text("Error output") : texts.text("Standard output"));
    one.set("current", data(stream == shown));
    const std::int64_t bytes = bytesOf(tasks, run, stream);
    one.set("size", bytes == 0 ? texts.text("empty") : bytesText(bytes));
    streams.push_back(one);
  }
  to.set("streams", streams);
}

void showMatches(data& to, const LogQuery& query, const LogView& view, const Texts& texts) {
  to.set("q", query.search);
  if (!query.searches()) return;
  const auto& match = view.match;
  to.set("matches",
         match ? texts.text("Match %1 of %2", {texts.number(match->match), texts.number(match->matches)})
               : texts.text("No matches"));
  setMatchLink(to, "previousMatch", query, match ? match->match - 1 : 0, match && match->match > 1);
  setMatchLink(to, "nextMatch", query, match ? match->match + 1 : 0, match && match->match < match->matches);
}

std::string numberText(const std::optional<int>& number) {
  return number ? std::to_string(*number) : "";
}

std::string signalText(const std::optional<int>& signal) {
  if (!signal) return "—";
  const char* name = ::sigabbrev_np(*signal);
  return name == nullptr ? std::to_string(*signal) : std::to_string(*signal) + " (SIG" + name + ")";
}

// Sets the values of the run's row.
void describe(data& to, const Run& run, const Texts& texts) {
  to.set("Id", std::to_string(run.id));
  to.set("TaskQueueId", std::to_string(run.taskQueueId));
  to.set("taskText", texts.text("Task %1", {std::to_string(run.taskQueueId)}));
  to.set("Attempt", std::to_string(run.attempt));
  setStatus(to, toString(stateOfRun(run.status)), texts);
  to.set("runStatus", std::string(toString(run.status)));
  to.set("isOpen", data(isOpen(run.status)));
  to.set("hasProgress", data(isOpen(run.status) || run.percentsCompleted > 0));
  to.set("PercentsCompleted", std::to_string(run.percentsCompleted));
  to.set("ProgressNote", run.progressNote);
  setTime(to, "StartedOn", run.startedOn);
  setTime(to, "FinishedOn", run.finishedOn);
  to.set("hasError", data(!run.errorCode.empty()));
  to.set("ErrorCode", run.errorCode);
  to.set("ErrorMessage", run.errorMessage);
  to.set("TaskRunnerId", orDash(numberText(run.taskRunnerId)));
  to.set("ExitStatus", orDash(numberText(run.use.exitStatus)));
  to.set("signal", signalText(run.use.exitSignal));
  to.set("cpu", run.use.userCpuMs ? texts.text("%1 user, %2 system", {durationText(run.use.userCpuMs),
                                                                      durationText(run.use.systemCpuMs)})
                                  : "—");
  to.set("memory", run.use.maxRssKb ? bytesText(*run.use.maxRssKb * 1024) : "—");
}

}  // namespace

// Shows the run's duration beside the median of its handler's runs of the last day.
void RunPage::showTask(data& to, const Run& run, const Texts& texts) const {
  const UnixSeconds now = clock_.now();
  std::string took = durationText(run.runMs);
  if (run.status == RunStatus::Running && run.startedOn) {
    const std::int64_t seconds = std::max<std::int64_t>(now - *run.startedOn, 0);
    took = texts.text("%1 so far",
                      {seconds < 10 ? std::to_string(seconds) + " s" : durationText(seconds * 1000)});
  }
  to.set("took", took);
  const auto task = tasks_.findTask(run.taskQueueId);
  if (!task) return;
  to.set("TaskHandlerClass", task->taskHandlerClass);
  to.set("classPath", percentEncoded(task->taskHandlerClass));
  if (!task->title.empty()) to.set("Title", task->title);
  if (run.results) to.set("results", tree_.html(*run.results, task->taskHandlerClass, texts));
  const auto day = statistics_.readHandlerStats(now - kDaySeconds);
  const auto mine = day.find(task->taskHandlerClass);
  const auto median = mine == day.end() ? std::nullopt : mine->second.times.percentile(0.5);
  if (median.value_or(0) > 0) to.set("usually", texts.text("usually about %1", {durationText(median)}));
}

void RunPage::showLog(data& to, const Run& run, LogQuery query, const Texts& texts) const {
  LogView view = makeLogView(tasks_, run, query);
  if (view.totalBytes == 0 && !query.streamChosen) {
    LogQuery other = query;
    other.stream = OutputStream::ErrorOutput;
    if (LogView error = makeLogView(tasks_, run, other); error.totalBytes > 0) {
      query = other;
      view = std::move(error);
    }
  }
  const auto& lines = view.window.lines;
  const std::int64_t first = lines.empty() ? 1 : lines.front().number;
  const std::int64_t last = lines.empty() ? 0 : lines.back().number;
  showStreams(to, tasks_, run, query.stream, texts);
  showMatches(to, query, view, texts);
  to.set("stream", std::string(toString(query.stream)));
  to.set("hasLog", data(view.totalBytes > 0));
  to.set("lines", log::htmlOf(lines, {.address = frame_.base() + pathOf(run) +
                                                 "?stream=" + std::string(toString(query.stream)),
                                      .marked = query.lines,
                                      .droppedText = texts.text("%1 bytes were left out here"),
                                      .hiddenText = texts.text("… %1 bytes more: see the raw log")}));
  to.set("cursor", log::writeCursor(view.window.next));
  to.set("lastLine", std::to_string(view.lastLine));
  to.set("where", lines.empty() ? ""
                                : texts.text("Lines %1 to %2 of %3", {texts.number(first), texts.number(last),
                                                                      texts.number(view.lastLine)}));
  if (view.droppedBytes > 0)
    to.set("dropped",
           texts.text("Only %1 of %2 bytes were kept; the line numbers count the kept lines.",
                      {texts.number(view.totalBytes - view.droppedBytes), texts.number(view.totalBytes)}));
  setLink(to, "firstPart", query, 1, first > 1);
  setLink(to, "previousPart", query, std::max<std::int64_t>(first - log::kWindowLines, 1), first > 1);
  setLink(to, "nextPart", query, last + 1, last < view.lastLine);
  setLink(to, "lastPart", query, std::max<std::int64_t>(view.lastLine - log::kWindowLines + 1, 1),
          last < view.lastLine);
}

void RunPage::showFiles(data& to, const Run& run) const {
  data files(data::type::list);
  for (const RunFile& file : tasks_.filesOfRun(run.id)) {
    data one;
    one.set("name", file.name);
    one.set("address", frame_.base() + pathOf(run) + "/files/" + percentEncoded(file.name));
    one.set("size", bytesText(file.bytes));
    files.push_back(one);
  }
  if (!files.is_empty_list()) {
    to.set("hasFiles", data(true));
    to.set("files", files);
  }
}

void RunPage::showError(data& to, const Run& run, const Texts& texts) const {
  if (run.errorCode.empty() || run.errorOutputBytes == 0) return;
  const log::LogText text = readLog(tasks_, run.id, OutputStream::ErrorOutput).text;
  const auto lines = text.tail().lines;
  const std::size_t count = lines.size();
  const auto trace = beginOfTrace(lines);
  const std::size_t from = trace.value_or(count - std::min(count, kErrorLines));
  const std::size_t shown = std::min(count - from, kErrorLines);
  std::string plain;
  for (std::size_t i = from; i < from + shown; ++i) plain += log::plainText(lines[i]) + "\n";
  to.set("errorLines", plain);
  const bool isEnd = from + shown == count;
  to.set("errorLinesText",
         isEnd ? texts.plural("The last line of the error output", "The last %1 lines of the error output",
                              static_cast<std::int64_t>(shown))
               : texts.text("Lines %1 to %2 of %3",
                            {texts.number(lines[from].number), texts.number(lines[from + shown - 1].number),
                             texts.number(text.lastLine())}));
}

Answer RunPage::show(const Request& request) {
  const auto id = parseId(request);
  const auto run = id ? tasks_.findRun(*id) : std::nullopt;
  if (!run) return notFound("run");
  // The page's script adds `status` so that it does not get a cached answer from before the change.
  auto query = parseLogQuery(request, {"stream", "from", "lines", "after", "q", "match", "status"});
  if (auto* problem = std::get_if<Problem>(&query)) return *problem;
  const Texts texts = frame_.texts(request);
  data values;
  describe(values, *run, texts);
  showTask(values, *run, texts);
  showFiles(values, *run);
  showError(values, *run, texts);
  showLog(values, *run, std::get<LogQuery>(std::move(query)), texts);
  return frame_.page(request, "run", texts.text("Run %1", {std::to_string(*id)}), values);
}

}  // namespace taskqueue::web
