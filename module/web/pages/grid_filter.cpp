#include "module/web/pages/grid_filter.h"

#include <algorithm>
#include <utility>

#include "module/web/form.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

std::string valueOf(const GridQuery& query, const std::string& name) {
  for (const auto& [one, value] : query.filterParameters()) {
    if (one == name) return value;
  }
  return "";
}

data fieldNamed(const std::string& column, const std::string& label, const char* kind) {
  data field;
  field.set("id", "filter-" + column);
  field.set("label", label);
  field.set(kind, data(true));
  return field;
}

data textField(const GridQuery& query, const std::string& column, const std::string& name,
               const std::string& label, int max) {
  data field = fieldNamed(column, label, "isText");
  field.set("name", name);
  field.set("value", valueOf(query, name));
  field.set("most", std::to_string(max));
  if (column == "Title") field.set("search", data(true));
  if (column != name && column != "Title") field.set("hint", label);
  return field;
}

// `options` are pairs of a value and its label.
data choiceField(const GridQuery& query, const std::string& column, const std::string& label,
                 const std::vector<std::pair<std::string, std::string>>& options) {
  data field = fieldNamed(column, label, "isChoice");
  field.set("name", column);
  const std::string chosen = valueOf(query, column);
  data list(data::type::list);
  const auto add = [&](const std::string& word, const std::string& text) {
    data option;
    option.set("word", word);
    option.set("text", text);
    option.set("selected", data(word == chosen));
    list.push_back(option);
  };
  bool isListed = chosen.empty();
  for (const auto& [word, text] : options) {
    add(word, text);
    isListed = isListed || word == chosen;
  }
  if (!isListed) add(chosen, chosen);
  field.set("options", list);
  return field;
}

data rangeField(const GridQuery& query, const std::string& column, const std::string& name,
                const std::string& label, bool isTime, const Texts& say) {
  data field = fieldNamed(column, label, isTime ? "isTimes" : "isNumbers");
  data ends(data::type::list);
  const auto add = [&](const std::string& end, const std::string& word) {
    data one;
    one.set("name", name + end);
    one.set("value", isTime ? fieldTime(readTime(valueOf(query, name + end))) : valueOf(query, name + end));
    one.set("word", word);
    ends.push_back(one);
  };
  add("From", say.text("from"));
  add("To", say.text("to"));
  field.set("ends", ends);
  return field;
}

std::string nameOfFilter(const std::string& name, const Texts& say) {
  if (name == "q") return say.text("Title contains");
  if (name == "ErrorCode") return say.text("Error");
  if (name == "QueuedFrom") return say.text("Queued from");
  if (name == "QueuedTo") return say.text("Queued until");
  if (name == "IdFrom") return say.text("Id from");
  if (name == "IdTo") return say.text("Id until");
  return nameOfColumn(name, say);
}

}  // namespace

std::string nameOfColumn(const std::string& column, const Texts& say) {
  if (column == "Id") return say.text("Id");
  if (column == "Title") return say.text("Title");
  if (column == "TaskHandlerClass") return say.text("Handler");
  if (column == "LastStatus") return say.text("Status");
  if (column == "Queue") return say.text("Queue");
  if (column == "Priority") return say.text("Priority");
  if (column == "QueuedOn") return say.text("Queued");
  if (column == "ScheduledOn") return say.text("Scheduled");
  if (column == "NextRunOn") return say.text("Next run");
  if (column == "Failed") return say.text("Failed");
  if (column == "QueuedById") return say.text("Queued by");
  return say.text("Unique key");
}

data filterInWords(const std::string& filterText, const Texts& say) {
  data rows(data::type::list);
  const auto parameters = readQuery(filterText);
  const auto* known = std::get_if<std::map<std::string, std::string>>(&parameters);
  if (known == nullptr) return rows;
  for (const auto& [name, value] : *known) {
    data row;
    row.set("name", nameOfFilter(name, say));
    const bool isTime = name == "QueuedFrom" || name == "QueuedTo";
    if (isTime) setTime(row, "time", readTime(value));
    if (!isTime) row.set("value", name == "LastStatus" ? statusText(value, say) : value);
    rows.push_back(row);
  }
  return rows;
}

data GridFilter::fieldOf(const std::string& column) const {
  if (column == "Id") return rangeField(query_, column, "Id", say_.text("Id"), false, say_);
  if (column == "Title") return textField(query_, column, "q", say_.text("Title contains"), 255);
  if (column == "Queue") return textField(query_, column, "Queue", say_.text("Queue"), 64);
  if (column == "Failed") return textField(query_, column, "ErrorCode", say_.text("Error"), 255);
  if (column == "QueuedOn") return rangeField(query_, column, "Queued", say_.text("Queued"), true, say_);
  if (column == "LastStatus") {
    std::vector<std::pair<std::string, std::string>> options;
    for (const RunStatus status : kAllStatuses) {
      options.emplace_back(toString(status), statusText(toString(status), say_));
    }
    return choiceField(query_, column, say_.text("Status"), options);
  }
  if (column == "TaskHandlerClass") {
    std::vector<std::pair<std::string, std::string>> options;
    for (const HandlerDeclaration& handler : handlers_) {
      options.emplace_back(handler.taskHandlerClass, handler.taskHandlerClass);
    }
    return choiceField(query_, column, say_.text("Handler"), options);
  }
  return {};
}

data GridFilter::fieldsOfHiddenColumns() const {
  data fields(data::type::list);
  for (const std::string& column : gridColumns()) {
    const auto& shown = query_.columns;
    if (std::find(shown.begin(), shown.end(), column) != shown.end()) continue;
    const data field = fieldOf(column);
    if (field.is_object() && field.get("label") != nullptr) fields.push_back(field);
  }
  return fields;
}

std::string GridFilter::words() const {
  std::string words;
  for (const auto& [name, value] : query_.filterParameters()) {
    if (value.empty() || name == "LastStatus") continue;
    words += (words.empty() ? "" : ", ") + value;
  }
  return words;
}

}  // namespace taskqueue::web
