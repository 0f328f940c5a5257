// Reads the part of a run's log that an address requests.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>

#include "module/queue/store/task_store.h"
#include "module/web/log/log_text.h"
#include "module/web/request.h"

namespace taskqueue::web {

constexpr std::size_t kSearchedBytes = 200;  // most bytes of the search text

// Holds the query of runs/{Id}, of its log and of its raw log. The window starts at the first of `from`,
// `lines` and `after` that is given; then `q` only marks text. Without them the window starts near a match of
// `q`.
struct LogQuery {
  OutputStream stream = OutputStream::StandardOutput;
  bool streamChosen = false;
  std::optional<std::int64_t> from;                            // first line of the window
  std::optional<std::pair<std::int64_t, std::int64_t>> lines;  // lines to mark and show
  std::optional<log::Cursor> after;                            // end of the part that the client already has
  std::string search;
  std::int64_t match = 1;
  bool download = false;

  bool searches() const { return !search.empty() && !from && !lines && !after; }
};
// Reads the query. An unknown parameter is a problem, too, which names it.
std::variant<LogQuery, Problem> parseLogQuery(const Request& request, const std::set<std::string>& known);

std::string_view toString(OutputStream stream);  // returns "stdout" or "stderr"

// Holds the kept part of a stream from a cursor on.
struct StoredLog {
  log::LogText text;
  std::int64_t totalBytes = 0;
  std::int64_t droppedBytes = 0;
};
StoredLog readLog(TaskStore& tasks, int runId, OutputStream stream, const log::Cursor& from = {});

// Holds the requested part. By default a successful run is shown from its beginning, and any other run at its
// end, where readers look first.
struct LogView {
  log::Window window;
  std::int64_t lastLine = 0;
  std::int64_t totalBytes = 0;
  std::int64_t droppedBytes = 0;
  std::optional<log::LogText::Match> match;
};
LogView makeLogView(TaskStore& tasks, const Run& run, const LogQuery& query);

}  // namespace taskqueue::web
