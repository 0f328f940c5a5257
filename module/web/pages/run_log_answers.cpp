// This part of RunPage answers with the log as JSON, the raw log, and files for download.
#include "module/platform/secret.h"
#include "module/web/api.h"
#include "module/web/log/html.h"
#include "module/web/pages/run_page.h"
#include "module/web/run_files.h"

namespace taskqueue::web {

Answer RunPage::log(const Request& request) {
  const auto id = parseId(request);
  const auto run = id ? tasks_.findRun(*id) : std::nullopt;
  if (!run) return notFound("run");
  const auto parsed = parseLogQuery(request, {"stream", "from", "lines", "after", "q", "match"});
  if (const auto* problem = std::get_if<Problem>(&parsed)) return *problem;
  const LogView view = makeLogView(tasks_, *run, std::get<LogQuery>(parsed));
  json::Writer to;
  to.startObject().member("Status", toString(run->status)).member("Open", isOpen(run->status));
  to.member("PercentsCompleted", run->percentsCompleted).member("ProgressNote", run->progressNote);
  to.member("LastLine", view.lastLine).member("Next", log::writeCursor(view.window.next));
  if (view.match)
    to.member("Line", view.match->line)
        .member("Match", view.match->match)
        .member("Matches", view.match->matches);
  to.key("Lines");
  log::writeLines(to, view.window.lines);
  to.endObject();
  Response response = answer(to);
  response.headers.emplace_back("ETag", '"' + platform::sha256Hex(response.body).substr(0, 32) + '"');
  return response;
}

Answer RunPage::raw(const Request& request) {
  const auto id = parseId(request);
  const auto run = id ? tasks_.findRun(*id) : std::nullopt;
  if (!run) return notFound("run");
  const auto parsed = parseLogQuery(request, {"stream", "download"});
  if (const auto* problem = std::get_if<Problem>(&parsed)) return *problem;
  const auto& query = std::get<LogQuery>(parsed);
  Response response;
  response.contentType = "text/plain; charset=utf-8";
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; sandbox");
  if (query.download)
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"run-" + std::to_string(*id) +
                                                             "-" + std::string(toString(query.stream)) +
                                                             ".log\"");
  response.body = readLog(tasks_, *id, query.stream).text.stored();
  return response;
}

Answer RunPage::file(const Request& request) {
  return sendRunFile(tasks_, request);
}

}  // namespace taskqueue::web
