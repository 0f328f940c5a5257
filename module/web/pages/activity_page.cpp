#include "module/web/pages/activity_page.h"

#include <array>

#include "module/queue/whole_number.h"
#include "module/web/form.h"
#include "module/web/pages/formats.h"
#include "module/web/pages/task_fields.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kEntriesShown = 100;
constexpr std::array kActions{"enqueue", "cancel", "retry", "change", "pause", "resume",
                              "limit",   "drain",  "stop",  "add",    "remove"};
constexpr std::array kSources{"pages", "api", "cli", "bulk"};

std::string sourceText(const std::string& source, const Texts& say) {
  if (source == "pages") return say.text("pages");
  if (source == "api") return say.text("API");
  if (source == "cli") return say.text("command line");
  return source == "bulk" ? say.text("bulk action") : source;
}

// Reads the filter, or returns the problem of a parameter. An empty field is no filter.
std::variant<AuditFilter, Problem> readActivityFilter(const Request& request) {
  AuditFilter filter;
  for (const auto& [name, value] : request.query) {
    const auto id = wholeNumber(value, 1, INT32_MAX);
    const bool isId = name == "task" || name == "before";
    if (name != "by" && name != "action" && name != "source" && name != "subject" && name != "parts" && !isId)
      return unknownParameter(name);
    if (value.empty()) continue;
    if (isId && !id) return badParameter(name, "must be a whole number from 1");
    if (name == "parts" && value != "1") return badParameter(name, "must be 1");
    if (name == "by") filter.by = value;
    if (name == "action") filter.action = value;
    if (name == "source") filter.source = value;
    if (name == "subject") filter.subjectPart = value;
    if (name == "task") filter.taskQueueId = static_cast<int>(*id);
    if (name == "before") filter.beforeId = static_cast<int>(*id);
    if (name == "parts") filter.bulkParts = true;
  }
  if (filter.source == "bulk") filter.bulkParts = true;
  return filter;
}

data entryRow(const AuditEntry& entry, const Texts& say) {
  data row;
  row.set("id", std::to_string(entry.id));
  setTime(row, "ChangedOn", entry.changedOn);
  row.set("who", entry.by.name);
  row.set("source", sourceText(entry.by.source, say));
  row.set("action", entry.action);
  row.set("subject", entry.subject);
  row.set("detail", entry.detail);
  if (entry.taskQueueId) row.set("task", std::to_string(*entry.taskQueueId));
  return row;
}

template <typename Words>
data wordChoices(const Words& words, const std::string& chosen) {
  std::vector<std::pair<std::string, std::string>> list{{"", ""}};
  for (const char* word : words) list.emplace_back(word, word);
  return choices(list, chosen);
}

}  // namespace

Answer ActivityPage::show(const Request& request) {
  const auto read = readActivityFilter(request);
  if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
  const auto& filter = std::get<AuditFilter>(read);
  const Texts say = frame_.texts(request);
  const AuditPage page = audit_.searchAudit(filter, kEntriesShown);
  data rows(data::type::list);
  for (const AuditEntry& entry : page.entries) rows.push_back(entryRow(entry, say));
  data values;
  values.set("none", data(rows.is_empty_list()));
  values.set("entries", rows);
  Parameters parameters;
  for (const auto& [name, value] : request.query) {
    if (name == "before" || value.empty()) continue;
    parameters.emplace_back(name, value);
    values.set("shown_" + name, value);
  }
  values.set("isFiltered", data(!parameters.empty()));
  values.set("parts", data(filter.bulkParts));
  values.set("actions", wordChoices(kActions, filter.action.value_or("")));
  std::vector<std::pair<std::string, std::string>> sources{{"", ""}};
  for (const char* source : kSources) sources.emplace_back(source, sourceText(source, say));
  values.set("sources", choices(sources, filter.source.value_or("")));
  if (request.query.contains("before")) values.set("first", data("query", writeQuery(parameters)));
  if (page.next) {
    parameters.emplace_back("before", std::to_string(*page.next));
    values.set("next", writeQuery(parameters));
  }
  return frame_.page(request, "activity", say.text("Activity"), values);
}

}  // namespace taskqueue::web
