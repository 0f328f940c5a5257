// TasksPage: the list as a file.
#include <chrono>

#include "module/json/writer.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/tasks_page.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

constexpr int kAtOnce = 1000;
constexpr std::chrono::seconds kExportTime{10};  // then what has been found is sent, and the answer says so

// RFC 4180. What a spreadsheet would take for a formula gets a quote before it (ASVS 1.2.10).
std::string csvField(const std::string& text) {
  const bool isFormula =
      !text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos;
  std::string quoted = isFormula ? "\"'" : "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string csvLine(const Task& task) {
  const auto time = [](const std::optional<UnixSeconds>& value) {
    return value && *value > 0 ? timeText(value) : std::string();
  };
  std::string line = std::to_string(task.id);
  for (const std::string& field :
       {task.taskHandlerClass, task.title, std::string(wordOf(task.lastStatus)), task.queue,
        std::to_string(task.priority), time(task.queuedOn), time(task.scheduledOn), time(task.nextRunOn),
        std::to_string(task.taskRunsFailed), std::to_string(task.maxRetries), std::to_string(task.queuedById),
        task.uniqueKey.value_or("")}) {
    line += "," + csvField(field);
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
