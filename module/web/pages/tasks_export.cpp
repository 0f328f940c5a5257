// TasksPage: the list as a file.
#include <chrono>

#include "module/json/writer.h"
#include "module/web/pages/csv_cell.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/tasks_page.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

constexpr int kAtOnce = 1000;
constexpr std::chrono::seconds kExportTime{10};  // then what has been found is sent, and the answer says so

std::string csvLine(const Task& task) {
  const auto time = [](const std::optional<UnixSeconds>& value) {
    return csvText(value && *value > 0 ? timeText(value) : "");
  };
  std::string line;
  for (const std::string& cell :
       {csvNumber(task.id), csvText(task.taskHandlerClass), csvText(task.title),
        csvText(std::string(wordOf(task.lastStatus))), csvText(task.queue), csvNumber(task.priority),
        time(task.queuedOn), time(task.scheduledOn), time(task.nextRunOn), csvNumber(task.taskRunsFailed),
        csvNumber(task.maxRetries), csvNumber(task.queuedById), csvText(task.uniqueKey.value_or(""))}) {
    line += (line.empty() ? "" : ",") + cell;
  }
  return line + "\r\n";
}

constexpr const char* kCsvHead =
    "Id,TaskHandlerClass,Title,LastStatus,Queue,Priority,QueuedOn,ScheduledOn,NextRunOn,TaskRunsFailed,"
    "MaxRetries,"
    "QueuedById,UniqueKey\r\n";

}  // namespace

Answer TasksPage::exportTasks(const Request& request) {
  auto parameters = request.query;
  const std::string format = parameters.contains("format") ? parameters.at("format") : "csv";
  parameters.erase("format");
  if (format != "csv" && format != "json")
    return Problem{400, "Bad query", "The query parameter format must be csv or json.", {}};
  auto read = readGridQuery(parameters);
  if (auto* problem = std::get_if<Problem>(&read)) return *problem;
  TaskGridRequest wanted = std::get<GridQuery>(read).grid;
  wanted.from.reset();
  wanted.backwards = false;
  wanted.filter.limit = kAtOnce;
  std::string csv = kCsvHead;
  json::Writer list;
  list.startArray();
  int written = 0;
  TaskGrid grid;
  const auto deadline = std::chrono::steady_clock::now() + kExportTime;
  do {
    grid = store_.readTaskGrid(wanted);
    for (const Task& task : grid.tasks) {
      if (format == "csv") csv += csvLine(task);
      if (format == "json") {
        writeListedTask(list, task);
        list.endObject();
      }
    }
    written += static_cast<int>(grid.tasks.size());
    if (grid.searchedTo) wanted.from = grid.searchedTo;
    if (!grid.searchedTo && !grid.tasks.empty())
      wanted.from = TaskCursor{placeOf(grid.tasks.back(), wanted.order).value_or(0), grid.tasks.back().id};
  } while (grid.more && written < kMostExported && std::chrono::steady_clock::now() < deadline);
  list.endArray();
  Response response;
  response.contentType = format == "csv" ? "text/csv; charset=utf-8; header=present" : "application/json";
  response.headers = {{"Content-Disposition", "attachment; filename=\"tasks." + format + "\""},
                      {"Content-Security-Policy", "default-src 'none'"}};
  if (grid.more) response.headers.emplace_back("Taskqueue-Cut-After", std::to_string(written));
  response.body = format == "csv" ? csv : list.text();
  return response;
}

}  // namespace taskqueue::web
