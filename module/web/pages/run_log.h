// The log of a run: which part of it an address asks for, and that part, read from the store.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "module/queue/task_store.h"
#include "module/web/log/log_text.h"
#include "module/web/request.h"

namespace taskqueue::web {

constexpr std::size_t kSearchedBytes = 200;  // of what is looked for

// The query of runs/{Id}, of its log and of its raw log. The first of from, lines and after that is there
// says where the window is, then q: with one of them, it is only marked in the window.
struct LogQuery {
  OutputStream stream = OutputStream::StandardOutput;
  bool streamChosen = false;
  std::optional<std::int64_t> from;                            // first line of the window
  std::optional<std::pair<std::int64_t, std::int64_t>> lines;  // to be marked, in view
  std::optional<log::Cursor> after;                            // what came since
  std::string search;
  std::int64_t match = 1;
  bool download = false;

  bool searches() const { return !search.empty() && !from && !lines && !after; }
};
// A problem names the parameter at fault: one that is none of the known ones, too.
std::variant<LogQuery, Problem> parseLogQuery(const Request& request, const std::set<std::string>& known);

std::string_view toString(OutputStream stream);  // stdout, stderr

// What is kept of a stream from the cursor on.
struct StoredLog {
  log::LogText text;
  std::int64_t totalBytes = 0;
  std::int64_t droppedBytes = 0;
};
StoredLog readLog(TaskStore& store, int runId, OutputStream stream, const log::Cursor& from = {});

// The part that was asked for. Of a run that is open or has failed the end is shown unless the query says
// otherwise: there is what one came for.
struct LogView {
  log::Window window;
  std::int64_t lastLine = 0;
  std::int64_t totalBytes = 0;
  std::int64_t droppedBytes = 0;
  std::optional<log::LogText::Match> match;
};
LogView makeLogView(TaskStore& store, const Run& run, const LogQuery& query);

}  // namespace taskqueue::web
