#include "module/web/pages/grid_query.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "module/queue/task_state.h"
#include "module/queue/whole_number.h"

namespace taskqueue::web {
namespace {

constexpr int kPageSize = 50;
constexpr int kMaxPerPage = 500;
constexpr const char* kColumnPrefix = "c_";
// Stands in a cursor whose task has no value in the sort column.
constexpr const char* kNoValue = "none";

const std::vector<std::string> kColumns{
    "Id",       "Title",       "TaskHandlerClass", "State",     "Queue",      "Priority",
    "QueuedOn", "ScheduledOn", "NextRunOn",        "StartedOn", "FinishedOn", "Took",
    "Progress", "Attempts",    "Failed",           "Error",     "QueuedById", "UniqueKey"};
// These columns show the newest run of a task.
const std::set<std::string> kColumnsOfRun{"StartedOn", "FinishedOn", "Took", "Progress", "Attempts", "Error"};
const std::vector<std::string> kDefaultColumns{"Id",    "Title",    "TaskHandlerClass", "State",
                                               "Queue", "QueuedOn", "NextRunOn",        "Failed"};

std::optional<TaskCursor> parseCursor(const std::string& text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const bool hasNone = text.substr(0, dot) == kNoValue;
  const auto value = wholeNumber(text.substr(0, dot));
  const auto id = wholeNumber(text.substr(dot + 1), INT32_MIN, INT32_MAX);
  if ((!value && !hasNone) || !id) return std::nullopt;
  return TaskCursor{value, static_cast<int>(*id)};
}

// Adds one parameter to the query. Returns the problem, or an empty text.
std::string take(GridQuery& to, const std::string& name, const std::string& value) {
  TaskFilter& filter = to.grid.filter;
  const auto id = [&](std::optional<int>& place, int more) -> std::string {
    const auto number = wholeNumber(value, 0, INT32_MAX - 1);
    if (!number) return "must be a task's Id";
    place = static_cast<int>(*number) + more;
    return "";
  };
  const auto time = [&](std::optional<UnixSeconds>& place) -> std::string {
    place = readTime(value);
    return place ? "" : "must be a time such as 2026-01-31T08:30 (UTC), or unix seconds";
  };
  if (name == "State") {
    filter.state = parseTaskState(value);
    return filter.state ? "" : std::string("must be ") + kTaskStateWords;
  }
  if (name == "limit") {
    const auto number = wholeNumber(value, 1, kMaxPerPage);
    if (!number) return "must be a whole number from 1 to " + std::to_string(kMaxPerPage);
    filter.limit = static_cast<int>(*number);
    return "";
  }
  if (name == "sort") {
    const bool descending = value.starts_with('-');
    const auto order = parseTaskOrder(descending ? value.substr(1) : value);
    if (order) to.grid.order = *order;
    to.grid.descending = descending;
    return order ? "" : "must be Id, QueuedOn, ScheduledOn or NextRunOn, with a '-' before it for descending";
  }
  if (name == "after" || name == "before") {
    if (to.grid.from) return "cannot be given beside after";
    to.grid.from = parseCursor(value);
    to.grid.backwards = name == "before";
    return to.grid.from ? "" : "is not a place in this list";
  }
  if (name.starts_with(kColumnPrefix)) {
    const std::string column = name.substr(2);
    if (std::find(kColumns.begin(), kColumns.end(), column) == kColumns.end()) return "names no column";
    if (value != "1") return "must be 1";
    to.columns.push_back(column);
    return "";
  }
  if (!isFilterName(name)) return "is not known at this address";
  to.hasFilter = true;
  if (name == "IdFrom") return id(filter.fromId, 0);
  if (name == "IdTo") return id(filter.beforeId, 1);
  if (name == "ErrorGroup") {
    const auto number = wholeNumber(value, 1, INT32_MAX);
    if (!number) return "must be the Id of a group of errors";
    filter.errorGroupId = static_cast<int>(*number);
    return "";
  }
  if (name == "QueuedFrom") return to.queuedFrom = value, time(filter.queuedFrom);
  if (name == "QueuedTo") return to.queuedTo = value, time(filter.queuedUntil);
  if (name == "q") return filter.titlePart = value, "";
  if (name == "TaskHandlerClass") return filter.taskHandlerClass = value, "";
  if (name == "Queue") return filter.queue = value, "";
  return filter.errorCode = value, "";
}

// Returns whether the list's form or its links may leave the parameter empty.
bool mayBeEmpty(const std::string& name) {
  return isFilterName(name) || name == "limit" || name == "sort";
}

}  // namespace

const std::vector<std::string>& gridColumns() {
  return kColumns;
}

bool showsRuns(const std::vector<std::string>& columns) {
  return std::any_of(columns.begin(), columns.end(),
                     [](const std::string& column) { return kColumnsOfRun.contains(column); });
}

std::optional<TaskOrder> orderOfColumn(const std::string& column) {
  return parseTaskOrder(column);
}

bool isFilterName(const std::string& name) {
  static const std::set<std::string> names{"ErrorGroup", "State",  "q",    "TaskHandlerClass", "Queue",
                                           "ErrorCode",  "IdFrom", "IdTo", "QueuedFrom",       "QueuedTo"};
  return names.contains(name);
}

std::variant<GridQuery, Problem> readGridQuery(const std::map<std::string, std::string>& query,
                                               EmptyFilter emptyFilter) {
  GridQuery to;
  to.grid.filter.limit = kPageSize;
  const bool sorts = query.contains("sort") && !query.at("sort").empty();
  for (const auto& [name, value] : query) {
    if (value.empty() && emptyFilter == EmptyFilter::IsNone && mayBeEmpty(name)) continue;
    if (value.empty() && isFilterName(name)) return web::emptyFilter(name);
    const std::string problem = take(to, name, value);
    if (!problem.empty()) return badParameter(name, problem);
  }
  // One index serves both this range and the order.
  if (!sorts && (to.grid.filter.queuedFrom || to.grid.filter.queuedUntil))
    to.grid.order = TaskOrder::ByQueuedOn;
  if (to.columns.empty()) to.columns = kDefaultColumns;
  std::sort(to.columns.begin(), to.columns.end(), [](const std::string& a, const std::string& b) {
    return std::find(kColumns.begin(), kColumns.end(), a) < std::find(kColumns.begin(), kColumns.end(), b);
  });
  return to;
}

GridQuery::Parameters GridQuery::filterParameters() const {
  const TaskFilter& filter = grid.filter;
  return {{"State", filter.state ? std::string(toString(*filter.state)) : ""},
          {"q", filter.titlePart.value_or("")},
          {"TaskHandlerClass", filter.taskHandlerClass.value_or("")},
          {"Queue", filter.queue.value_or("")},
          {"ErrorCode", filter.errorCode.value_or("")},
          {"ErrorGroup", filter.errorGroupId ? std::to_string(*filter.errorGroupId) : ""},
          {"IdFrom", filter.fromId ? std::to_string(*filter.fromId) : ""},
          {"IdTo", filter.beforeId ? std::to_string(*filter.beforeId - 1) : ""},
          {"QueuedFrom", queuedFrom},
          {"QueuedTo", queuedTo}};
}

GridQuery::Parameters GridQuery::viewParameters() const {
  Parameters to = filterParameters();
  const bool isUsual = grid.order == TaskOrder::ById && grid.descending;
  if (!isUsual) to.emplace_back("sort", (grid.descending ? "-" : "") + std::string(toString(grid.order)));
  if (grid.filter.limit != kPageSize) to.emplace_back("limit", std::to_string(grid.filter.limit));
  if (columns != kDefaultColumns) {
    for (const std::string& column : columns) to.emplace_back(kColumnPrefix + column, "1");
  }
  return to;
}

std::optional<UnixSeconds> readTime(const std::string& text) {
  using namespace std::chrono;
  if (const auto seconds = wholeNumber(text, 0, kLastSecond)) return seconds;
  constexpr std::string_view kForm = "dddd-dd-ddTdd:dd:dd";
  constexpr std::size_t kWithoutSeconds = 16;
  if (text.size() != kWithoutSeconds && text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool isDigit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == 'd' ? !isDigit : text[i] != kForm[i]) return std::nullopt;
  }
  const auto part = [&](std::size_t from, std::size_t size) {
    return static_cast<int>(wholeNumber(std::string_view(text).substr(from, size)).value_or(0));
  };
  const year_month_day date{year(part(0, 4)), month(static_cast<unsigned>(part(5, 2))),
                            day(static_cast<unsigned>(part(8, 2)))};
  const int second = text.size() > kWithoutSeconds ? part(17, 2) : 0;
  if (!date.ok() || part(11, 2) > 23 || part(14, 2) > 59 || second > 59) return std::nullopt;
  const sys_seconds time = sys_days(date) + hours(part(11, 2)) + minutes(part(14, 2)) + seconds(second);
  return time.time_since_epoch().count();
}

std::string writeCursor(const TaskCursor& cursor) {
  return (cursor.value ? std::to_string(*cursor.value) : kNoValue) + "." + std::to_string(cursor.id);
}

}  // namespace taskqueue::web
