#include "module/web/pages/bulk_page.h"

#include "module/queue/whole_number.h"
#include "module/web/bulk.h"
#include "module/web/form.h"
#include "module/web/pages/confirmation.h"
#include "module/web/pages/grid_filter.h"
#include "module/web/pages/grid_query.h"

namespace taskqueue::web {
namespace {

// Limits the named tasks in one request. The handlers' schema has the same limit.
constexpr std::size_t kMaxNamed = 1000;

// Holds the decoded form.
struct BulkRequest {
  BulkAction bulkAction = BulkAction::Retry;
  bool all = false;
  bool confirmed = false;
  std::string action;
  std::string filterText;
  TaskFilter filter;
  std::vector<int> ids;
};

// Reads the filter that the form has copied from the list. It selects the tasks, so parameters that do not
// filter are refused.
std::variant<TaskFilter, Problem> readFilter(const std::string& text) {
  const auto query = readQuery(text);
  if (const auto* bad = std::get_if<BadParameter>(&query)) return badParameter(bad->name, bad->problem);
  const auto& parameters = std::get<std::map<std::string, std::string>>(query);
  for (const auto& [name, value] : parameters) {
    if (!isFilterName(name)) return badParameter(name, "is not allowed here");
  }
  auto grid = readGridQuery(parameters);
  if (auto* problem = std::get_if<Problem>(&grid)) return *problem;
  return std::get<GridQuery>(grid).grid.filter;
}

std::variant<std::vector<int>, Problem> readIds(const Request& request) {
  std::vector<int> ids;
  const auto named = request.form.find("task");
  if (named != request.form.end()) {
    for (const std::string& text : named->second) {
      const auto id = wholeNumber(text, 1, INT32_MAX);
      if (!id) return badField("task", "must be a task's Id");
      ids.push_back(static_cast<int>(*id));
    }
  }
  if (ids.empty()) return Problem{422, "Nothing selected", "Select the tasks in the list first.", {}};
  if (ids.size() > kMaxNamed)
    return Problem{422, "Too many tasks", "Select at most 1000 tasks, or use the filter for more.", {}};
  return ids;
}

// Decodes the form. It concerns the selected tasks, regardless of the filter, or all that match the filter.
std::variant<BulkRequest, Problem> read(const Request& request) {
  Request others = request;
  others.form.erase("task");  // only this field may occur more than once
  if (auto problem = refuseOtherFields(others, {"action", "confirmed", "filter"})) return *problem;
  BulkRequest to;
  to.action = formValue(request.form, "action");
  to.all = to.action == "retry-all" || to.action == "cancel-all";
  if (!to.all && to.action != "retry" && to.action != "cancel")
    return Problem{400, "Malformed form", "The action must be retry, cancel, retry-all or cancel-all.", {}};
  to.bulkAction = to.action.starts_with("retry") ? BulkAction::Retry : BulkAction::Cancel;
  to.confirmed = request.form.contains("confirmed");
  if (to.confirmed && formValue(request.form, "confirmed") != "1") return badField("confirmed", "must be 1");
  to.filterText = formValue(request.form, "filter");
  auto filter = readFilter(to.filterText);
  if (auto* problem = std::get_if<Problem>(&filter)) return *problem;
  if (!to.all) {
    auto ids = readIds(request);
    if (auto* problem = std::get_if<Problem>(&ids)) return *problem;
    to.ids = std::get<std::vector<int>>(std::move(ids));
    return to;
  }
  if (to.filterText.empty())
    return Problem{
        422, "No filter", "Set a filter first: without one, the action would change all tasks.", {}};
  to.filter = std::get<TaskFilter>(std::move(filter));
  return to;
}

}  // namespace

Response BulkPage::ask(const Request& request, const std::string& filterText, const std::string& action,
                       const BulkPreview& preview) const {
  const Texts say = frame_.texts(request);
  const bool isRetry = action.starts_with("retry");
  const BulkAction bulkAction = isRetry ? BulkAction::Retry : BulkAction::Cancel;
  Confirmation question;
  question.title = isRetry ? say.text("Retry tasks") : say.text("Cancel tasks");
  auto sentences = sentencesOf(preview, bulkAction, say);
  question.question = sentences.front();
  question.facts.assign(sentences.begin() + 1, sentences.end());
  if (preview.changed > 0 || preview.more) {
    question.facts.push_back(say.text("This runs in the background; you can follow it."));
    const std::string number = say.number(preview.changed) + (preview.more ? "+" : "");
    question.confirmText =
        isRetry ? say.text("Yes, retry %1", {number}) : say.text("Yes, cancel %1", {number});
  }
  question.isDangerous = !isRetry;
  question.tasks = preview.first;
  question.action = "tasks/bulk";
  question.back = "tasks" + (filterText.empty() ? "" : "?" + filterText);
  question.fields = {{"filter", filterText}, {"action", action}, {"confirmed", "1"}};
  if (action.ends_with("-all")) {
    question.filter = filterInWords(filterText, say);
  } else {
    for (const std::string& id : request.form.at("task")) question.fields.emplace_back("task", id);
  }
  return confirmationPage(frame_, request, question);
}

Answer BulkPage::act(const Request& request) {
  auto wanted = read(request);
  if (auto* problem = std::get_if<Problem>(&wanted)) return *problem;
  const auto& bulk = std::get<BulkRequest>(wanted);
  if (bulk.confirmed) {
    const AddResult result = queue_.addTask(bulkTask(bulk.bulkAction, bulk.filter, bulk.ids));
    if (!result.errors.empty()) {
      Problem problem{422, "Nothing was done", "The bulk action was not accepted.", {}};
      for (const InputError& error : result.errors) problem.errors.emplace_back(error.member, error.problem);
      return problem;
    }
    wake_();
    const std::string id = std::to_string(result.outcome.tasks.at(0).id);
    return frame_.redirect("tasks/" + id, request, {"bulk", id});
  }
  const BulkPreview preview = bulk.all ? previewOfAll(bulk.bulkAction, bulk.filter, statistics_)
                                       : previewOfNamed(bulk.bulkAction, bulk.ids, tasks_);
  return ask(request, bulk.filterText, bulk.action, preview);
}

}  // namespace taskqueue::web
