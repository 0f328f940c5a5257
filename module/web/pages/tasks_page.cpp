#include "module/web/pages/tasks_page.h"

#include <array>

#include "module/web/api.h"
#include "module/web/form.h"
#include "module/web/pages/values.h"

namespace taskqueue::web {
namespace {

constexpr std::array kStatuses{RunStatus::Scheduled, RunStatus::Running, RunStatus::Success,
                               RunStatus::Error,     RunStatus::Timeout, RunStatus::Cancelled};

}  // namespace

using kainjow::mustache::data;
using List = kainjow::mustache::data;

Answer TasksPage::show(const Request& request) {
  auto filter = filterOf(request);
  if (auto* problem = std::get_if<Problem>(&filter)) return *problem;
  const auto& wanted = std::get<TaskFilter>(filter);
  const auto found = store_.findTasks(wanted);
  data values;
  List rows(data::type::list);
  for (const Task& task : found) {
    data row;
    describe(row, task);
    rows.push_back(row);
  }
  values.set("tasks", rows);
  values.set("none", data(found.empty()));
  List statuses(data::type::list);
  for (const RunStatus status : kStatuses) {
    data option;
    option.set("word", std::string(wordOf(status)));
    option.set("selected", data(wanted.lastStatus == status));
    statuses.push_back(option);
  }
  values.set("statuses", statuses);
  List handlers(data::type::list);
  for (const HandlerDeclaration& handler : store_.findHandlers()) {
    data option;
    option.set("name", handler.taskHandlerClass);
    option.set("selected", data(wanted.taskHandlerClass == handler.taskHandlerClass));
    handlers.push_back(option);
  }
  values.set("handlers", handlers);
  values.set("q", wanted.titlePart.value_or(""));
  if (static_cast<int>(found.size()) == wanted.limit) {
    values.set("older",
               writeQuery({{"LastStatus", wanted.lastStatus ? std::string(wordOf(*wanted.lastStatus)) : ""},
                           {"TaskHandlerClass", wanted.taskHandlerClass.value_or("")},
                           {"Queue", wanted.queue.value_or("")},
                           {"q", wanted.titlePart.value_or("")},
                           {"limit", std::to_string(wanted.limit)},
                           {"after", std::to_string(found.back().id)}}));
  }
  return frame_.page(request, "tasks", "Tasks", values);
}

}  // namespace taskqueue::web
