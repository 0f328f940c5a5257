#include "module/web/pages/run_log.h"

#include <algorithm>

#include "module/queue/whole_number.h"

namespace taskqueue::web {
namespace {

constexpr std::int64_t kReadBytes = 16 << 20;  // bytes of one read, which is more than is kept of a stream
constexpr int kMaxReads = 1000;
constexpr std::int64_t kMaxLine = 1'000'000'000;
constexpr std::int64_t kLinesBeforeFound = 10;

std::optional<std::int64_t> lineNumber(std::string_view text) {
  return wholeNumber(text, 1, kMaxLine);
}

// Reads "120" or "120-130".
std::optional<std::pair<std::int64_t, std::int64_t>> lineRange(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = lineNumber(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : lineNumber(text.substr(dash + 1));
  if (!first || !last) return std::nullopt;
  return std::minmax(*first, *last);
}

// Adds one parameter to the query. Returns the problem, or nullptr.
const char* take(const std::string& name, const std::string& value, LogQuery& to) {
  if (name == "stream") {
    if (value != "stdout" && value != "stderr") return "must be stdout or stderr";
    to.stream = value == "stderr" ? OutputStream::ErrorOutput : OutputStream::StandardOutput;
    to.streamChosen = true;
  } else if (name == "from") {
    if (!(to.from = lineNumber(value))) return "must be the number of a line";
  } else if (name == "lines") {
    if (!(to.lines = lineRange(value))) return "must be the number of a line, or two with '-' between them";
  } else if (name == "after") {
    if (!(to.after = log::parseCursor(value))) return "must be what an earlier answer named";
  } else if (name == "q") {
    if (value.size() > kSearchedBytes) return "must have at most 200 bytes";
    to.search = value;
  } else if (name == "match") {
    const auto number = lineNumber(value);
    if (!number) return "must be a number from 1";
    to.match = *number;
  } else if (name == "download") {
    if (value != "1") return "must be 1";
    to.download = true;
  } else if (name == "status") {
    if (!parseRunStatus(value)) return "must be the status of a run";
  }
  return nullptr;
}

}  // namespace

std::string_view toString(OutputStream stream) {
  return stream == OutputStream::ErrorOutput ? "stderr" : "stdout";
}

std::variant<LogQuery, Problem> parseLogQuery(const Request& request, const std::set<std::string>& known) {
  LogQuery query;
  for (const auto& [name, value] : request.query) {
    const bool isEmptyField =
        value.empty() && known.contains(name) && known.contains("q");  // an empty field of the page's form
    const char* problem = isEmptyField ? nullptr : take(name, value, query);
    if (problem != nullptr) return badParameter(name, problem);
    if (!known.contains(name)) return unknownParameter(name);
  }
  return query;
}

StoredLog readLog(TaskStore& tasks, int runId, OutputStream stream, const log::Cursor& from) {
  std::vector<log::Segment> segments;
  std::int64_t at = from.position;
  StoredLog read{.text = log::LogText({}), .totalBytes = 0, .droppedBytes = 0};
  for (int reads = 0; reads < kMaxReads; ++reads) {
    auto slice = tasks.readOutput(runId, stream, at, kReadBytes);
    if (!slice) break;
    read.totalBytes = slice->totalBytes;
    read.droppedBytes = slice->droppedBytes;
    if (slice->content.empty()) break;
    const std::int64_t dropped = std::max<std::int64_t>(slice->offset - at, 0);
    if (segments.empty() || dropped > 0) {
      segments.push_back(
          {.position = slice->offset, .droppedBefore = dropped, .text = std::move(slice->content)});
    } else {
      segments.back().text += slice->content;
    }
    at = slice->nextOffset;
    if (slice->complete) break;
  }
  read.text = log::LogText(std::move(segments), from);
  return read;
}

LogView makeLogView(TaskStore& tasks, const Run& run, const LogQuery& query) {
  const StoredLog stored = readLog(tasks, run.id, query.stream, query.after.value_or(log::Cursor{}));
  const log::LogText& text = stored.text;
  LogView view{.window = {},
               .lastLine = text.lastLine(),
               .totalBytes = stored.totalBytes,
               .droppedBytes = stored.droppedBytes,
               .match = {}};
  if (query.searches()) view.match = text.find(query.search, query.match);
  if (view.match) {
    view.window = text.linesFrom(view.match->line - kLinesBeforeFound);
  } else if (query.from) {
    view.window = text.linesFrom(*query.from);
  } else if (query.lines) {
    view.window = text.linesFrom(query.lines->first - kLinesBeforeFound);
  } else if (query.after) {
    // If the log grows faster than it is read, lines are skipped and the newest are shown.
    const bool isTooMuch = text.lastLine() - text.firstLine() + 1 > log::kWindowLines;
    view.window = isTooMuch ? text.tail() : text.linesFrom(text.firstLine());
  } else {
    view.window = run.status == RunStatus::Success ? text.linesFrom(1) : text.tail();
  }
  for (log::Line& line : view.window.lines) log::markFound(line, query.search);
  return view;
}

}  // namespace taskqueue::web
