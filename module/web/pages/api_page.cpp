#include "module/web/pages/api_page.h"

#include <algorithm>

#include "module/web/form.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;
using openapi::DescribedRoute;

std::string placeText(const openapi::Parameter& parameter, const Texts& say) {
  const std::string in = parameter.in;
  if (in == "path") return say.text("address");
  return in == "header" ? say.text("header") : say.text("query");
}

data parameterRows(const DescribedRoute& route, const Texts& say) {
  data rows(data::type::list);
  for (const openapi::Parameter& parameter : openapi::parametersOf(route)) {
    data row;
    row.set("name", std::string(parameter.name));
    row.set("place", placeText(parameter, say));
    row.set("type", std::string(parameter.type));
    row.set("description", std::string(parameter.description));
    row.set("isRequired", data(parameter.required));
    rows.push_back(row);
  }
  return rows;
}

data replyRows(const DescribedRoute& route) {
  data rows(data::type::list);
  for (const openapi::Reply& reply : openapi::repliesOf(route)) {
    data row;
    row.set("status", std::to_string(reply.status));
    row.set("description", std::string(reply.description));
    row.set("type", std::string(openapi::typeOf(reply)));
    rows.push_back(row);
  }
  return rows;
}

// The path with capitals for what the reader must fill in: curl takes braces for alternatives.
std::string examplePath(const DescribedRoute& route) {
  std::string path;
  for (const std::string& part : route.pattern)
    path += '/' + (part == "{Id}" ? "ID" : part == "{Name}" ? "NAME" : part);
  return path;
}

// A line for the shell.
std::string exampleOf(const DescribedRoute& route) {
  std::string line = "curl -sS";
  if (route.access == Access::Api) line += " -H \"Authorization: Bearer $API_TOKEN\"";
  if (route.access == Access::Event) line += " -H \"Authorization: Bearer $EVENT_SECRET\"";
  const bool readsBody = *route.operation->body != '\0' && route.operation->needsBody;
  if (route.method != "GET") line += " -X " + route.method;
  if (readsBody) line += " -H 'Content-Type: application/json' -d @body.json";
  std::string query;
  for (const openapi::Parameter& parameter : route.operation->parameters)
    if (parameter.required) query += (query.empty() ? "?" : "&") + std::string(parameter.name) + "=VALUE";
  return line + " \"$BASE_URL" + examplePath(route) + query + '"';
}

data routeRow(const DescribedRoute& route, const Texts& say) {
  data row;
  row.set("id", std::string(route.operation->id));
  row.set("method", route.method);
  row.set("path", openapi::pathOf(route));
  row.set("summary", std::string(route.operation->summary));
  row.set("need", openapi::describeNeed(route));
  data parameters = parameterRows(route, say);
  row.set("hasParameters", data(!parameters.is_empty_list()));
  row.set("parameters", parameters);
  if (*route.operation->body != '\0') row.set("body", std::string(route.operation->body));
  row.set("example", exampleOf(route));
  row.set("replies", replyRows(route));
  return row;
}

// The groups in the order of their first routes.
std::vector<std::string> groupsOf(const std::vector<DescribedRoute>& routes) {
  std::vector<std::string> groups;
  for (const DescribedRoute& route : routes) {
    const std::string group = route.operation->group;
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  }
  return groups;
}

}  // namespace

Answer ApiPage::show(const Request& request) {
  for (const auto& [name, value] : request.query) {
    if (name != "format") return unknownParameter(name);
    if (value != "json") return badParameter(name, "must be json");
    return api_.openApi(request);
  }
  const Texts say = frame_.texts(request);
  const auto& routes = api_.describedRoutes();
  data groups(data::type::list);
  for (const std::string& group : groupsOf(routes)) {
    data rows(data::type::list);
    for (const DescribedRoute& route : routes)
      if (group == route.operation->group) rows.push_back(routeRow(route, say));
    data one;
    one.set("group", group);
    one.set("number", std::to_string(groups.list_value().size() + 1));
    one.set("routes", rows);
    groups.push_back(one);
  }
  data values;
  values.set("groups", groups);
  return frame_.page(request, "api", say.text("API"), values);
}

}  // namespace taskqueue::web
