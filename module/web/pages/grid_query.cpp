#include "module/web/pages/grid_query.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "module/queue/utf8_text.h"

namespace taskqueue::web {
namespace {

constexpr int kPageSize = 50;
constexpr int kMostPerPage = 500;
constexpr std::size_t kQuotedBytes = 100;
constexpr const char* kColumnPrefix = "c_";
constexpr const char* kNoValue = "none";  // in the place of a task that has no value in the order's column

const std::vector<std::string> kColumns{"Id",        "Title",    "TaskHandlerClass", "LastStatus",
                                        "Queue",     "Priority", "QueuedOn",         "ScheduledOn",
                                        "NextRunOn", "Failed",   "QueuedById",       "UniqueKey"};
const std::vector<std::string> kDefaultColumns{"Id",    "Title",    "TaskHandlerClass", "LastStatus",
                                               "Queue", "QueuedOn", "NextRunOn",        "Failed"};

std::optional<std::int64_t> wholeNumber(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<TaskCursor> cursorOf(const std::string& text) {
  const auto dot = text.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const bool hasNone = text.substr(0, dot) == kNoValue;
  const auto value = wholeNumber(text.substr(0, dot));
  const auto id = wholeNumber(text.substr(dot + 1));
  if ((!value && !hasNone) || !id || *id < INT32_MIN || *id > INT32_MAX) return std::nullopt;
  return TaskCursor{value, static_cast<int>(*id)};
}

Problem refused(const std::string& name, const std::string& why) {
  return {400, "Bad query", "The query parameter " + name + " " + why + ".", {}};
}

// One parameter of the address into the query; what is wrong with it, or an empty text.
std::string take(GridQuery& to, const std::string& name, const std::string& value) {
  TaskFilter& filter = to.grid.filter;
  const auto id = [&](std::optional<int>& place, int more) -> std::string {
    const auto number = wholeNumber(value);
    if (!number || *number < 0 || *number >= INT32_MAX) return "must be a task's Id";
    place = static_cast<int>(*number) + more;
    return "";
  };
  const auto time = [&](std::optional<UnixSeconds>& place) -> std::string {
    place = readTime(value);
    return place ? "" : "must be a time such as 2026-01-31T08:30 (UTC), or unix seconds";
  };
  if (name == "LastStatus") {
    filter.lastStatus = runStatusOf(value);
    return filter.lastStatus ? "" : "must be scheduled, running, success, error, timeout or cancelled";
  }
  if (name == "limit") {
    const auto number = wholeNumber(value);
    if (!number || *number < 1 || *number > kMostPerPage)
      return "must be a whole number from 1 to " + std::to_string(kMostPerPage);
    filter.limit = static_cast<int>(*number);
    return "";
  }
  if (name == "sort") {
    const bool descending = value.starts_with('-');
    const auto order = taskOrderOf(descending ? value.substr(1) : value);
    if (order) to.grid.order = *order;
    to.grid.descending = descending;
    return order ? "" : "must be Id, QueuedOn, ScheduledOn or NextRunOn, with a '-' before it for descending";
  }
  if (name == "after" || name == "before") {
    to.grid.from = cursorOf(value);
    to.grid.backwards = name == "before";
    return to.grid.from ? "" : "is not a place in this list";
  }
  if (name.starts_with(kColumnPrefix)) {
    const std::string column = name.substr(2);
    if (std::find(kColumns.begin(), kColumns.end(), column) == kColumns.end()) return "names no column";
    to.columns.push_back(column);
    return "";
  }
  to.hasFilter = true;
  if (name == "IdFrom") return id(filter.fromId, 0);
  if (name == "IdTo") return id(filter.beforeId, 1);
  if (name == "QueuedFrom") return to.queuedFrom = value, time(filter.queuedFrom);
  if (name == "QueuedTo") return to.queuedTo = value, time(filter.queuedUntil);
  if (name == "q") return filter.titlePart = value, "";
  if (name == "TaskHandlerClass") return filter.taskHandlerClass = value, "";
  if (name == "Queue") return filter.queue = value, "";
  if (name == "ErrorCode") return filter.errorCode = value, "";
  return "is not known";
}

}  // namespace

const std::vector<std::string>& gridColumns() {
  return kColumns;
}

std::optional<TaskOrder> orderOfColumn(const std::string& column) {
  return taskOrderOf(column);
}

std::variant<GridQuery, Problem> readGridQuery(const std::map<std::string, std::string>& query) {
  GridQuery to;
  to.grid.filter.limit = kPageSize;
  const bool sorts = query.contains("sort") && !query.at("sort").empty();
  for (const auto& [name, value] : query) {
    if (value.empty()) continue;
    const std::string problem = take(to, name, value);
    if (!problem.empty()) return refused(std::string(cutAtCharacter(name, kQuotedBytes)), problem);
  }
  // The index of the times serves both the range and the order.
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
  return {{"LastStatus", filter.lastStatus ? std::string(wordOf(*filter.lastStatus)) : ""},
          {"q", filter.titlePart.value_or("")},
          {"TaskHandlerClass", filter.taskHandlerClass.value_or("")},
          {"Queue", filter.queue.value_or("")},
          {"ErrorCode", filter.errorCode.value_or("")},
          {"IdFrom", filter.fromId ? std::to_string(*filter.fromId) : ""},
          {"IdTo", filter.beforeId ? std::to_string(*filter.beforeId - 1) : ""},
          {"QueuedFrom", queuedFrom},
          {"QueuedTo", queuedTo}};
}

GridQuery::Parameters GridQuery::viewParameters() const {
  Parameters to = filterParameters();
  const bool isUsual = grid.order == TaskOrder::ById && grid.descending;
  if (!isUsual) to.emplace_back("sort", (grid.descending ? "-" : "") + std::string(wordOf(grid.order)));
  if (grid.filter.limit != kPageSize) to.emplace_back("limit", std::to_string(grid.filter.limit));
  if (columns != kDefaultColumns) {
    for (const std::string& column : columns) to.emplace_back(kColumnPrefix + column, "1");
  }
  return to;
}

std::optional<UnixSeconds> readTime(const std::string& text) {
  if (const auto seconds = wholeNumber(text)) return seconds;
  std::tm parts{};
  int length = 0;
  const int read = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d%n", &parts.tm_year, &parts.tm_mon,
                               &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &length);
  const bool fits = read == 5 && (static_cast<std::size_t>(length) == text.size() ||
                                  text[static_cast<std::size_t>(length)] == ':');
  if (!fits || parts.tm_mon < 1 || parts.tm_mon > 12 || parts.tm_mday < 1 || parts.tm_mday > 31)
    return std::nullopt;
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return ::timegm(&parts);
}

std::string writeCursor(const TaskCursor& cursor) {
  return (cursor.value ? std::to_string(*cursor.value) : kNoValue) + "." + std::to_string(cursor.id);
}

}  // namespace taskqueue::web
