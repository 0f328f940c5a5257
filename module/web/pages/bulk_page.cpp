#include "module/web/pages/bulk_page.h"

#include <charconv>

#include "module/web/bulk.h"
#include "module/web/form.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/grid_query.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kMostCounted = 100000;
constexpr std::size_t kMostNamed = 1000;  // tasks in one request, as the handlers' schema has it

// What a form asks for.
struct BulkRequest {
  BulkDeed deed = BulkDeed::Retry;
  bool all = false;
  bool confirmed = false;
  std::string action;
  std::string filterText;
  TaskFilter filter;
  std::vector<int> ids;
};

std::variant<BulkRequest, Problem> read(const Request& request) {
  const auto fields = readForm(request.body);
  if (!fields) return Problem{400, "Malformed form", "Open the page again.", {}};
  const auto field = [&](const char* name) {
    const auto found = fields->find(name);
    return found == fields->end() ? std::string() : found->second.front();
  };
  BulkRequest to;
  to.action = field("action");
  to.all = to.action == "retry-all" || to.action == "cancel-all";
  if (!to.all && to.action != "retry" && to.action != "cancel")
    return Problem{400, "Malformed form", "The action must be retry, cancel, retry-all or cancel-all.", {}};
  to.deed = to.action.starts_with("retry") ? BulkDeed::Retry : BulkDeed::Cancel;
  to.confirmed = field("confirmed") == "1";
  to.filterText = field("filter");
  const auto values = readForm(to.filterText);
  std::map<std::string, std::string> query;
  if (values) {
    for (const auto& [name, list] : *values) query[name] = list.front();
  }
  auto grid = readGridQuery(query);
  if (auto* problem = std::get_if<Problem>(&grid)) return *problem;
  to.filter = std::get<GridQuery>(grid).grid.filter;
  if (to.all) return to;
  const auto named = fields->find("task");
  if (named != fields->end()) {
    for (const std::string& text : named->second) {
      int id = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
      if (error == std::errc() && end == text.data() + text.size() && id > 0) to.ids.push_back(id);
    }
  }
  if (to.ids.empty()) return Problem{422, "Nothing selected", "Select the tasks in the list first.", {}};
  if (to.ids.size() > kMostNamed)
    return Problem{422, "Too many tasks", "At most 1000 can be named; use the filter for more.", {}};
  return to;
}

}  // namespace

Answer BulkPage::act(const Request& request) {
  auto wanted = read(request);
  if (auto* problem = std::get_if<Problem>(&wanted)) return *problem;
  const auto& bulk = std::get<BulkRequest>(wanted);
  const Texts say = frame_.texts(request);
  if (bulk.confirmed) {
    const AddResult result = queue_.addTask(bulkTask(bulk.deed, bulk.filter, bulk.ids));
    if (!result.errors.empty()) {
      Problem problem{422, "Nothing was done", "The bulk action was not accepted.", {}};
      for (const InputError& error : result.errors) problem.errors.emplace_back(error.member, error.problem);
      return problem;
    }
    wake_();
    return frame_.redirect("tasks/" + std::to_string(result.outcome.tasks.at(0).id));
  }
  const BoundedCount count = bulk.all ? store_.countUpTo(bulk.filter, kMostCounted)
                                      : BoundedCount{static_cast<std::int64_t>(bulk.ids.size()), false};
  const std::string number = countText(count, say);
  const bool isRetry = bulk.deed == BulkDeed::Retry;
  data values;
  values.set("question", isRetry ? say.text("Retry these tasks: %1?", {number})
                                 : say.text("Cancel these tasks: %1?", {number}));
  values.set("confirmText",
             isRetry ? say.text("Yes, retry %1", {number}) : say.text("Yes, cancel %1", {number}));
  if (bulk.all && !bulk.filterText.empty()) values.set("words", bulk.filterText);
  values.set("filter", bulk.filterText);
  values.set("action", bulk.action);
  data ids(data::type::list);
  for (const int id : bulk.ids) ids.push_back({"id", std::to_string(id)});
  values.set("ids", ids);
  return frame_.page(request, "bulk", isRetry ? say.text("Retry tasks") : say.text("Cancel tasks"), values);
}

}  // namespace taskqueue::web
