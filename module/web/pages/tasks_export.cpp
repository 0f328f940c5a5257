// This part of TasksPage answers with the list as a file.
#include <algorithm>
#include <chrono>

#include "module/json/writer.h"
#include "module/queue/task_state.h"
#include "module/web/form.h"
#include "module/web/pages/csv_cell.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/tasks_page.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

constexpr int kAtOnce = 1000;
constexpr std::chrono::seconds kExportTime{10};  // after this time the file is cut

std::string csvLine(const Task& task) {
  const auto time = [](const std::optional<UnixSeconds>& value) {
    return csvText(value && *value > 0 ? timeText(value) : "");
  };
  std::string line;
  for (const std::string& cell :
       {csvNumber(task.id), csvText(task.taskHandlerClass), csvText(task.title),
        csvText(std::string(toString(task.lastStatus))), csvText(std::string(toString(stateOf(task)))),
        csvText(task.queue), csvNumber(task.priority), time(task.queuedOn), time(task.scheduledOn),
        time(task.nextRunOn), csvNumber(task.taskRunsFailed), csvNumber(task.maxRetries),
        csvNumber(task.queuedById), csvText(task.uniqueKey.value_or(""))}) {
    line += (line.empty() ? "" : ",") + cell;
  }
  return line + "\r\n";
}

constexpr const char* kCsvHead =
    "Id,TaskHandlerClass,Title,LastStatus,State,Queue,Priority,QueuedOn,ScheduledOn,NextRunOn,TaskRunsFailed,"
    "MaxRetries,"
    "QueuedById,UniqueKey\r\n";

// Builds the file.
class ExportedTasks {
 public:
  explicit ExportedTasks(bool isCsv) : isCsv_(isCsv) { list_.startArray(); }

  void add(const Task& task) {
    ++count_;
    if (isCsv_) {
      csv_ += csvLine(task);
    } else {
      writeListedTask(list_, task);
      list_.endObject();
    }
  }
  // Adds the address of the rest as the last line or member of a cut file. The line has as many columns as
  // the others.
  void addAddressOfRest(const std::string& address) {
    if (isCsv_) {
      csv_ += "more," + csvText(address) + std::string(kCsvColumns - 2, ',') + "\r\n";
    } else {
      list_.startObject().member("More", address).endObject();
    }
  }
  int count() const { return count_; }
  std::string take() { return isCsv_ ? std::move(csv_) : list_.endArray().text(); }

 private:
  static constexpr std::size_t kCsvColumns = 14;

  bool isCsv_;
  int count_ = 0;
  std::string csv_ = kCsvHead;
  json::Writer list_;
};

}  // namespace

Answer TasksPage::exportTasks(const Request& request) {
  auto parameters = request.query;
  const std::string format = parameters.contains("format") ? parameters.at("format") : "csv";
  parameters.erase("format");
  if (format != "csv" && format != "json")
    return Problem{400, "Bad query", "The query parameter format must be csv or json.", {}};
  auto read = readGridQuery(parameters);
  if (auto* problem = std::get_if<Problem>(&read)) return *problem;
  const auto& query = std::get<GridQuery>(read);
  TaskGridRequest wanted = query.grid;
  if (wanted.backwards) wanted.from.reset();
  wanted.backwards = false;
  bool isPart = wanted.from.has_value();
  ExportedTasks file(format == "csv");
  std::optional<TaskCursor> rest;
  const auto deadline = std::chrono::steady_clock::now() + kExportTime;
  do {
    wanted.filter.limit = std::min(kAtOnce, kMaxExported - file.count());
    const TaskGrid grid = statistics_.readTaskGrid(wanted);
    for (const Task& task : grid.tasks) file.add(task);
    rest = placeToGoOn(grid, wanted.order);
    if (rest) wanted.from = rest;
  } while (rest && file.count() < kMaxExported && std::chrono::steady_clock::now() < deadline);
  Response response;
  if (rest) {
    isPart = true;
    auto further = query.filterParameters();
    further.emplace_back("sort", (wanted.descending ? "-" : "") + std::string(toString(wanted.order)));
    further.emplace_back("format", format);
    further.emplace_back("after", writeCursor(*rest));
    const std::string address = frame_.base() + "tasks/export?" + writeQuery(further);
    file.addAddressOfRest(address);
    response.headers = {{"Taskqueue-Cut-After", std::to_string(file.count())},
                        {"Link", "<" + address + ">; rel=\"next\""}};
  }
  const std::string name = (isPart ? "tasks-part." : "tasks.") + format;
  response.contentType = format == "csv" ? "text/csv; charset=utf-8; header=present" : "application/json";
  response.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
  response.headers.emplace_back("Content-Security-Policy", "default-src 'none'");
  response.body = file.take();
  return response;
}

}  // namespace taskqueue::web
