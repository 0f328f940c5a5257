#include "module/web/pages/errors_page.h"

#include <array>

#include "module/web/api.h"
#include "module/web/form.h"
#include "module/web/pages/error_rows.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr int kGroupsOnPage = 100;
constexpr const char* kStateWords = "must be new, known, muted or resolved";

struct ErrorsQuery {
  const LongSpan* span = kLongSpans.data();
  std::string state;
  std::string handler;
};

std::variant<ErrorsQuery, Problem> readErrorsQuery(const Request& request) {
  ErrorsQuery to;
  for (const auto& [name, value] : request.query) {
    if (name == "span") {
      to.span = longSpanNamed(value);
      if (to.span == nullptr) return badParameter(name, "must be day, week, month or year");
    } else if (name == "state") {
      if (!parseErrorGroupState(value)) return badParameter(name, kStateWords);
      to.state = value;
    } else if (name == "TaskHandlerClass") {
      if (value.empty()) return emptyFilter(name);
      to.handler = value;
    } else {
      return unknownParameter(name);
    }
  }
  return to;
}

data stateTabs(const ErrorsQuery& query, const Texts& say) {
  data tabs(data::type::list);
  for (const char* word : {"", "new", "known", "muted", "resolved"}) {
    data tab;
    tab.set("query",
            writeQuery({{"span", query.span->word}, {"state", word}, {"TaskHandlerClass", query.handler}}));
    tab.set("text", *word == '\0' ? say.text("all") : statusText(word, say));
    tab.set("current", data(query.state == word));
    tabs.push_back(tab);
  }
  return tabs;
}

}  // namespace

Answer ErrorsPage::show(const Request& request) {
  const auto read = readErrorsQuery(request);
  if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
  const auto& query = std::get<ErrorsQuery>(read);
  const Texts say = frame_.texts(request);
  const UnixSeconds now = clock_.now();
  ErrorGroupFilter filter{.from = now - query.span->seconds, .limit = kGroupsOnPage};
  if (!query.handler.empty()) filter.taskHandlerClass = query.handler;
  filter.state = parseErrorGroupState(query.state);
  const auto groups = errors_.findErrorGroups(filter);
  std::int64_t failed = 0;
  for (const ErrorGroup& group : groups) failed += group.failed;
  data values;
  values.set("tabs", stateTabs(query, say));
  setSpans(values, *query.span, {{"state", query.state}, {"TaskHandlerClass", query.handler}}, say);
  if (!query.handler.empty()) values.set("handler", query.handler);
  values.set("none", data(groups.empty()));
  values.set("groups", ErrorRows(errors_, now, *query.span, say).of(groups));
  values.set("summary", say.plural("%1 failed run", "%1 failed runs", failed) + " · " +
                            say.plural("%1 group", "%1 groups", static_cast<std::int64_t>(groups.size())));
  if (groups.size() == static_cast<std::size_t>(kGroupsOnPage))
    values.set("cut", say.text("Only the %1 groups with the most failed runs are shown.",
                               {say.number(kGroupsOnPage)}));
  return frame_.page(request, "errors", say.text("Errors"), values);
}

Answer ErrorsPage::mark(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"state"})) return *problem;
  const auto state = parseErrorGroupState(formValue(request.form, "state"));
  if (!state) return badField("state", kStateWords);
  const auto id = parseId(request);
  if (!id || !errors_.setErrorGroupState(*id, *state)) return notFound("error group");
  return frame_.redirect("errors");
}

}  // namespace taskqueue::web
