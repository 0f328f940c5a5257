#include "module/web/openapi/document.h"

#include <algorithm>
#include <cctype>
#include <map>

#include "module/web/openapi/schema_writer.h"

namespace taskqueue::web::openapi {
namespace {

constexpr const char* kToken = "apiToken";
constexpr const char* kEventSecret = "eventSecret";

bool has(const DescribedRoute& route, const char* segment) {
  return std::find(route.pattern.begin(), route.pattern.end(), segment) != route.pattern.end();
}

bool changes(const DescribedRoute& route) {
  return route.method != "GET";
}

const char* scopeText(ApiScope scope) {
  switch (scope) {
    case ApiScope::Nothing:
      return "Its scope does not matter.";
    case ApiScope::Whole:
      return "A token with a scope is refused.";
    case ApiScope::NewTasks:
      return "A token with a scope may enqueue only tasks of its queues and handlers.";
    case ApiScope::Task:
      return "A token with a scope reaches only tasks of its queues and handlers.";
    case ApiScope::Run:
      return "A token with a scope reaches only runs of its queues and handlers.";
    case ApiScope::List:
      return "A token with a scope must name one of its queues or handlers in the filter.";
    case ApiScope::Queue:
      return "A token with a scope reaches only its queues.";
    case ApiScope::Handler:
      return "A token with a scope reaches only its handlers.";
  }
  return "";
}

// Adds the answers that all routes of this kind give.
void addCommon(const DescribedRoute& route, std::map<int, Reply>& to) {
  const auto add = [&to](int status, const char* text) { to.emplace(status, Reply{status, text}); };
  const bool readsBody = *route.operation->body != '\0';
  add(400, readsBody ? "A parameter is wrong, unknown or given twice, or the body is not JSON."
                     : "A parameter is wrong, unknown or given twice.");
  if (route.access != Access::Open) add(401, "The secret is missing or wrong.");
  if (route.access == Access::Api) add(403, "The token's role or scope does not allow this.");
  if (has(route, "{Id}")) add(404, "There is nothing with this Id or name.");
  if (changes(route)) {
    add(413, "The body is too large.");
    if (!readsBody) add(422, "The request has a body, which this address does not read.");
    add(507, "The database is full. Nothing was changed.");
  }
  add(431, "The headers are too large.");
  add(500, "The program failed. Its log says why.");
  add(503, "The database is unavailable. The header Retry-After says when to try again.");
}

void writeParameter(json::Writer& to, const Parameter& parameter) {
  to.startObject().member("name", parameter.name).member("in", parameter.in);
  to.member("required", parameter.required).member("description", parameter.description).key("schema");
  writeType(to, parameter.type);
  to.endObject();
}

void writeContent(json::Writer& to, const std::string& contentType, Type type) {
  to.key("content").startObject().key(contentType).startObject().key("schema");
  writeType(to, type);
  to.endObject().endObject();
}

void writeSecurity(json::Writer& to, const DescribedRoute& route) {
  to.key("security").startArray();
  if (route.access == Access::Api) {
    to.startObject().key(kToken).startArray();
    if (route.need.role) to.value(toString(*route.need.role));
    to.endArray().endObject();
  } else if (route.access == Access::Event) {
    to.startObject().key(kEventSecret).startArray().endArray().endObject();
  }
  to.endArray();
}

void writeOperation(json::Writer& to, const DescribedRoute& route) {
  const Operation& operation = *route.operation;
  std::string method = route.method;
  std::transform(method.begin(), method.end(), method.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  to.key(method).startObject().member("operationId", operation.id).member("summary", operation.summary);
  to.member("description", describeNeed(route));
  to.key("tags").startArray().value(operation.group).endArray().key("parameters").startArray();
  for (const Parameter& parameter : parametersOf(route)) writeParameter(to, parameter);
  to.endArray();
  if (*operation.body != '\0') {
    to.key("requestBody").startObject().member("required", operation.needsBody);
    writeContent(to, "application/json", operation.body);
    to.endObject();
  }
  to.key("responses").startObject();
  for (const Reply& reply : repliesOf(route)) {
    to.key(std::to_string(reply.status)).startObject().member("description", reply.description);
    writeContent(to, contentTypeOf(reply), typeOf(reply));
    to.endObject();
  }
  to.endObject();
  writeSecurity(to, route);
  to.endObject();
}

void writeSchemes(json::Writer& to) {
  const auto write = [&to](const char* name, const char* description) {
    to.key(name).startObject().member("type", "http").member("scheme", "bearer");
    to.member("description", description).endObject();
  };
  to.key("securitySchemes").startObject();
  write(kToken, "An API token. Its role must be the one that is named, or one that includes it.");
  write(kEventSecret, "The secret of the events.");
  to.endObject();
}

}  // namespace

std::string pathOf(const DescribedRoute& route) {
  std::string path;
  for (const std::string& part : route.pattern) path += '/' + part;
  return path;
}

std::vector<Parameter> parametersOf(const DescribedRoute& route) {
  std::vector<Parameter> all;
  if (has(route, "{Id}")) all.push_back({"Id", "Id", "The Id in the address.", true, "path"});
  if (has(route, "{Name}")) {
    const Type type = has(route, "queues") ? "QueueName" : has(route, "handlers") ? "HandlerClass" : "string";
    all.push_back({"Name", type, "The name in the address.", true, "path"});
  }
  all.insert(all.end(), route.operation->parameters.begin(), route.operation->parameters.end());
  return all;
}

std::vector<Reply> repliesOf(const DescribedRoute& route) {
  std::map<int, Reply> byStatus;
  for (const Reply& reply : route.operation->replies) byStatus.emplace(reply.status, reply);
  addCommon(route, byStatus);
  std::vector<Reply> all;
  for (const auto& [status, reply] : byStatus) all.push_back(reply);
  return all;
}

Type typeOf(const Reply& reply) {
  return *reply.type == '\0' ? "Problem" : reply.type;
}

std::string contentTypeOf(const Reply& reply) {
  return *reply.type == '\0' ? "application/problem+json" : reply.contentType;
}

std::string describeNeed(const DescribedRoute& route) {
  if (route.access == Access::Open) return "It needs no secret.";
  if (route.access == Access::Event) return "It needs the event secret.";
  const std::string token = route.need.role
                                ? std::string("It needs an API token that has or includes the role ") +
                                      toString(*route.need.role) + "."
                                : "It needs any API token.";
  return token + " " + scopeText(route.need.scope);
}

std::string writeDocument(const std::vector<DescribedRoute>& routes,
                          const platform::Configuration& configuration) {
  std::string server = configuration.web.basePath;
  if (server.size() > 1 && server.ends_with('/')) server.pop_back();
  json::Writer to;
  to.startObject().member("openapi", "3.1.0").key("info").startObject().member("title", "TaskQueue");
  to.member("version", TASKQUEUE_VERSION).endObject();
  to.key("servers").startArray().startObject().member("url", server).endObject().endArray();
  to.key("paths").startObject();
  // The routes of one path stand together in the document, in the table they may not.
  std::map<std::string, std::vector<const DescribedRoute*>> byPath;
  for (const DescribedRoute& route : routes) byPath[pathOf(route)].push_back(&route);
  for (const auto& [path, same] : byPath) {
    to.key(path).startObject();
    for (const DescribedRoute* route : same) writeOperation(to, *route);
    to.endObject();
  }
  to.endObject().key("components").startObject().key("schemas").startObject();
  writeSchemas(to, configuration.limits);
  to.endObject();
  writeSchemes(to);
  return to.endObject().endObject().text();
}

}  // namespace taskqueue::web::openapi
