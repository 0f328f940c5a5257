#include "module/web/pages/tasks_page.h"

#include <algorithm>

#include "module/queue/task_state.h"
#include "module/web/form.h"
#include "module/web/pages/describe_status.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/grid_filter.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;
using Parameters = GridQuery::Parameters;

Parameters with(Parameters parameters, const std::string& name, const std::string& value) {
  std::erase_if(parameters, [&](const auto& one) { return one.first == name; });
  parameters.emplace_back(name, value);
  return parameters;
}

// A bulk retry changes the tasks of these states; BulkRetry has the same list.
bool canRetryAll(TaskState state) {
  return state == TaskState::Retrying || state == TaskState::Failed || state == TaskState::Lost ||
         state == TaskState::Cancelled;
}

// Shows the newest run of a task, or a dash.
void addRunCell(const Run* run, const std::string& column, UnixSeconds now, data& cell) {
  const auto put = [&](const std::string& value, const char* kind) {
    cell.set("text", value);
    cell.set(kind, data(true));
  };
  const auto time = [&](const std::optional<UnixSeconds>& value) {
    if (value) return setTime(cell, "time", value);
    put("—", "plain");
  };
  if (run == nullptr) return put("—", "plain");
  if (column == "StartedOn") time(run->startedOn);
  if (column == "FinishedOn") time(run->finishedOn);
  if (column == "Attempts") put(std::to_string(run->attempt), "number");
  if (column == "Error")
    put(orDash(run->errorCode + (run->errorMessage.empty() ? "" : " " + run->errorMessage)), "isError");
  if (column == "Progress")
    put(isOpen(run->status) ? std::to_string(run->percentsCompleted) + " % " + run->progressNote : "—",
        "plain");
  if (column == "Took") {
    const bool runs = run->status == RunStatus::Running && run->startedOn;
    put(durationText(runs ? std::optional((now - *run->startedOn) * 1000) : run->runMs), "number");
  }
}

data cellOf(const Task& task, const std::string& column, const Texts& say) {
  data cell;
  cell.set("label", nameOfColumn(column, say));
  const auto put = [&](const std::string& value, const char* kind) {
    cell.set("text", value);
    cell.set(kind, data(true));
  };
  const auto time = [&](const std::optional<UnixSeconds>& value) {
    if (value && *value > kUnscheduled) return setTime(cell, "time", value);
    put("—", "plain");
  };
  const std::string address = "tasks/" + std::to_string(task.id);
  if (column == "Id") {
    put(std::to_string(task.id), "number");
    cell.set("link", address);
  }
  if (column == "Title") {
    put(orDash(task.title), "isTitle");
    cell.set("link", address);
  }
  if (column == "TaskHandlerClass") {
    put(task.taskHandlerClass, "isHandler");
    cell.set("link", "handlers/" + percentEncoded(task.taskHandlerClass));
  }
  if (column == "State") setStatus(cell, toString(stateOf(task)), say);
  if (column == "Queue") put(task.queue, "plain");
  if (column == "Priority") put(std::to_string(task.priority), "plain");
  if (column == "QueuedOn") time(task.queuedOn);
  if (column == "ScheduledOn") time(task.scheduledOn);
  if (column == "NextRunOn") time(task.nextRunOn);
  if (column == "Failed")
    put(say.text("%1 of %2", {std::to_string(task.taskRunsFailed), std::to_string(task.maxRetries)}),
        "plain");
  if (column == "QueuedById") put(std::to_string(task.queuedById), "plain");
  if (column == "UniqueKey") put(orDash(task.uniqueKey.value_or("")), "plain");
  return cell;
}

data optionsOf(const std::vector<std::string>& words, const std::string& chosen) {
  data list(data::type::list);
  for (const std::string& word : words) {
    data one;
    one.set("word", word);
    one.set("selected", data(word == chosen));
    list.push_back(one);
  }
  return list;
}

}  // namespace

void TasksPage::addTabs(const Request& request, const GridQuery& query, data& to) {
  const Texts say = frame_.texts(request);
  const auto counts = statistics_.countByState(kMaxCountedOnPages);
  data tabs(data::type::list);
  const auto add = [&](const std::string& word, const std::string& text, const BoundedCount& count,
                       bool current) {
    data tab;
    tab.set("text", text);
    tab.set("count", countText(count, say));
    tab.set("current", data(current));
    const std::string address = writeQuery(with(query.viewParameters(), "State", word));
    if (!address.empty()) tab.set("query", address);
    tabs.push_back(tab);
  };
  BoundedCount all;
  for (const auto& [state, count] : counts) all = {all.value + count.value, all.more || count.more};
  const auto chosen = query.grid.filter.state;
  add("", say.text("all"), all, !chosen);
  for (const auto& [state, count] : counts) {
    const std::string word(toString(state));
    add(word, statusText(word, say), count, chosen == state);
  }
  to.set("tabs", tabs);
}

void TasksPage::addFilter(const Request& request, const GridQuery& query, data& to) {
  const Texts say = frame_.texts(request);
  const std::vector<HandlerDeclaration> handlers = handlers_.findHandlers();
  const GridFilter filter(query, handlers, say);
  data fields(data::type::list);
  for (const std::string& column : query.columns) {
    data cell = filter.fieldOf(column);
    cell.set("column", nameOfColumn(column, say));
    fields.push_back(cell);
  }
  to.set("fields", fields);
  to.set("furtherFields", filter.fieldsOfHiddenColumns());
  to.set("limits",
         optionsOf({"10", "20", "50", "100", "200", "500"}, std::to_string(query.grid.filter.limit)));
  to.set("hasFilter", data(query.hasFilter));
  to.set("filterWords", filter.words());
  to.set("filterQuery", writeQuery(query.filterParameters()));
  to.set("exportQuery", writeQuery(query.viewParameters()));
  data columns(data::type::list);
  for (const std::string& column : gridColumns()) {
    data one;
    one.set("word", column);
    one.set("text", nameOfColumn(column, say));
    one.set("selected",
            data(std::find(query.columns.begin(), query.columns.end(), column) != query.columns.end()));
    columns.push_back(one);
  }
  to.set("columns", columns);
}

void TasksPage::addRows(const Request& request, const GridQuery& query, const TaskGrid& grid, data& to) {
  const Texts say = frame_.texts(request);
  data heads(data::type::list);
  for (const std::string& column : query.columns) {
    data head;
    head.set("text", nameOfColumn(column, say));
    if (const auto order = orderOfColumn(column)) {
      const bool current = *order == query.grid.order;
      const bool descending = current ? !query.grid.descending : true;
      head.set("sortQuery", writeQuery(with(query.viewParameters(), "sort",
                                            (descending ? "-" : "") + std::string(toString(*order)))));
      if (current) head.set("sorted", query.grid.descending ? "descending" : "ascending");
    }
    heads.push_back(head);
  }
  to.set("heads", heads);
  std::vector<int> ids;
  for (const Task& task : grid.tasks) ids.push_back(task.id);
  const auto runs = showsRuns(query.columns) ? statistics_.findNewestRuns(ids) : std::map<int, Run>();
  const UnixSeconds now = runs.empty() ? 0 : clock_.now();
  data rows(data::type::list);
  for (const Task& task : grid.tasks) {
    data row;
    row.set("Id", std::to_string(task.id));
    row.set("selectText", say.text("Select task %1", {std::to_string(task.id)}));
    data cells(data::type::list);
    for (const std::string& column : query.columns) {
      data cell = cellOf(task, column, say);
      const auto run = runs.find(task.id);
      if (showsRuns({column})) addRunCell(run == runs.end() ? nullptr : &run->second, column, now, cell);
      cells.push_back(cell);
    }
    row.set("cells", cells);
    rows.push_back(row);
  }
  to.set("tasks", rows);
  to.set("none", data(grid.tasks.empty() && !grid.searchedTo));
  to.set("noneYet", data(grid.tasks.empty() && grid.searchedTo));
  to.set("recordsText", say.plural("%1 task on this page", "%1 tasks on this page",
                                   static_cast<std::int64_t>(grid.tasks.size())));
  const auto state = query.grid.filter.state;
  to.set("canRetryAll", data(state && canRetryAll(*state)));
  to.set("canCancelAll", data(state ? isLive(*state) : query.hasFilter));
}

void TasksPage::addNeighbours(const Request& request, const GridQuery& query, const TaskGrid& grid,
                              data& to) {
  const Texts say = frame_.texts(request);
  const auto edge = [&](const Task& task) { return makeCursor(task, query.grid.order); };
  const bool backwards = query.grid.backwards;
  const bool isEmpty = grid.tasks.empty();
  std::optional<TaskCursor> after;
  std::optional<TaskCursor> before;
  if (!isEmpty && (backwards || grid.more)) after = edge(grid.tasks.back());
  if (!isEmpty && (backwards ? grid.more : query.grid.from.has_value())) before = edge(grid.tasks.front());
  if (grid.searchedTo) (backwards ? before : after) = grid.searchedTo;
  if (after) to.set("next", writeQuery(with(query.viewParameters(), "after", writeCursor(*after))));
  if (before) to.set("previous", writeQuery(with(query.viewParameters(), "before", writeCursor(*before))));
  if (query.grid.from) to.set("first", writeQuery(query.viewParameters()) + "&");
  const bool searchesBack = grid.searchedTo && backwards;
  const bool searchesOn = grid.searchedTo && !backwards;
  to.set("searchesBack", data(searchesBack));
  to.set("searchesOn", data(searchesOn));
  to.set("previousText", searchesBack ? say.text("Continue searching") : say.text("Previous"));
  to.set("nextText", searchesOn ? say.text("Continue searching") : say.text("Next"));
  if (grid.searchedTo)
    to.set("searchedText", say.text("Searched as far as task %1.", {std::to_string(grid.searchedTo->id)}));
}

Answer TasksPage::show(const Request& request) {
  auto read = readGridQuery(request.query, EmptyFilter::IsNone);
  if (auto* problem = std::get_if<Problem>(&read)) return *problem;
  const auto& query = std::get<GridQuery>(read);
  const TaskGrid grid = statistics_.readTaskGrid(query.grid);
  data values;
  addTabs(request, query, values);
  addFilter(request, query, values);
  addRows(request, query, grid, values);
  addNeighbours(request, query, grid, values);
  return frame_.page(request, "tasks", frame_.texts(request).text("Tasks"), values);
}

}  // namespace taskqueue::web
