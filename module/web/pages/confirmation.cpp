#include "module/web/pages/confirmation.h"

namespace taskqueue::web {

using kainjow::mustache::data;

Response confirmationPage(const PageFrame& frame, const Request& request, const Confirmation& question) {
  data values;
  values.set("question", question.question);
  data facts(data::type::list);
  for (const std::string& text : question.facts) facts.push_back(data("text", text));
  values.set("facts", facts);
  values.set("filter", question.filter);
  if (!question.tasks.empty()) {
    data tasks(data::type::list);
    for (const Task& task : question.tasks) {
      data row;
      row.set("Id", std::to_string(task.id));
      row.set("name", task.title.empty() ? task.taskHandlerClass : task.title);
      tasks.push_back(row);
    }
    data named;
    named.set("list", tasks);
    values.set("tasks", named);
  }
  data fields(data::type::list);
  for (const auto& [name, value] : question.fields) {
    data field;
    field.set("name", name);
    field.set("value", value);
    fields.push_back(field);
  }
  values.set("fields", fields);
  values.set("action", question.action);
  values.set("back", question.back);
  values.set("danger", data(question.isDangerous));
  if (!question.confirmText.empty()) values.set("confirm", data("text", question.confirmText));
  return frame.page(request, "confirm", question.title, values);
}

}  // namespace taskqueue::web
