#include "tests/support/openapi_checker.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>
#include <stdexcept>

namespace taskqueue::test_support {
namespace {

constexpr json::Limits kLimits{.bytes = 64 << 20, .depth = 100, .members = 1000000};
constexpr std::string_view kReference = "#/components/schemas/";

json::Document parsed(const std::string& text) {
  auto read = json::read(text, kLimits);
  if (auto* document = std::get_if<json::Document>(&read)) return std::move(*document);
  throw std::runtime_error("no JSON: " + std::get<json::Problem>(read).text);
}

const json::Value* memberOf(const json::Value& object, const std::string& name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  return std::equal(pattern.begin(), pattern.end(), path.begin(), path.end(),
                    [](const std::string& part, const std::string& segment) {
                      return part.starts_with('{') || part == segment;
                    });
}

// Calls `use` with the name of each schema that the value refers to.
void forEachReference(const json::Value& value, const std::function<void(const std::string&)>& use) {
  if (value.IsArray()) {
    for (const auto& item : value.GetArray()) forEachReference(item, use);
  }
  if (!value.IsObject()) return;
  for (const auto& member : value.GetObject()) {
    const bool isReference = json::textOf(member.name) == "$ref" && member.value.IsString();
    if (isReference) use(std::string(json::textOf(member.value)));
    if (!isReference) forEachReference(member.value, use);
  }
}

// Closes an object's schema, so that an answer with a member that is not described fits no more.
void close(json::Value& schema, json::Document::AllocatorType& allocator) {
  const bool isOpen = schema.HasMember("properties") && !schema.HasMember("additionalProperties");
  if (isOpen) schema.AddMember("additionalProperties", false, allocator);
}

}  // namespace

std::vector<std::string> segmentsOf(const std::string& path) {
  std::vector<std::string> all;
  for (std::size_t from = 1; from <= path.size();) {
    const std::size_t end = std::min(path.find('/', from), path.size());
    all.push_back(path.substr(from, end - from));
    from = end + 1;
  }
  return all;
}

OpenApiChecker::OpenApiChecker(const std::string& document) : document_(parsed(document)) {}

const json::Value* OpenApiChecker::findOperation(const CheckedAnswer& answer) const {
  std::string method = answer.method == "HEAD" ? "GET" : answer.method;
  std::transform(method.begin(), method.end(), method.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  const json::Value* found = nullptr;
  std::size_t fewest = SIZE_MAX;  // placeholders of the path that was found
  for (const auto& path : document_["paths"].GetObject()) {
    const std::string text(json::textOf(path.name));
    const auto placeholders = static_cast<std::size_t>(std::count(text.begin(), text.end(), '{'));
    const json::Value* operation = memberOf(path.value, method);
    if (operation == nullptr || placeholders >= fewest || !matches(segmentsOf(text), answer.path)) continue;
    found = operation;
    fewest = placeholders;
  }
  return found;
}

// Returns a schema for {"Body": …} with all schemas that it needs.
std::string OpenApiChecker::schemaText(const json::Value& schema) const {
  const json::Value& all = document_["components"]["schemas"];
  std::set<std::string> needed;
  const std::function<void(const std::string&)> need = [&](const std::string& reference) {
    const std::string name = reference.substr(std::min(kReference.size(), reference.size()));
    const json::Value* found = memberOf(all, name);
    if (found == nullptr) throw std::runtime_error("there is no schema " + reference);
    if (needed.insert(name).second) forEachReference(*found, need);
  };
  forEachReference(schema, need);
  json::Document whole(rapidjson::kObjectType);
  auto& allocator = whole.GetAllocator();
  json::Value schemas(rapidjson::kObjectType);
  for (const std::string& name : needed) {
    json::Value copy(all[name], allocator);
    close(copy, allocator);
    schemas.AddMember(json::Value(name, allocator), copy, allocator);
  }
  json::Value properties(rapidjson::kObjectType);
  properties.AddMember("Body", json::Value(schema, allocator), allocator);
  json::Value components(rapidjson::kObjectType);
  components.AddMember("schemas", schemas, allocator);
  whole.AddMember("type", "object", allocator).AddMember("properties", properties, allocator);
  whole.AddMember("components", components, allocator);
  return json::write(whole);
}

std::string OpenApiChecker::findDifference(const CheckedAnswer& answer) {
  const json::Value* operation = findOperation(answer);
  if (operation == nullptr || answer.status == 304) return "";
  const std::string what = answer.method + ' ' + (*operation)["operationId"].GetString() + ' ' +
                           std::to_string(answer.status) + ": ";
  const json::Value* reply = memberOf((*operation)["responses"], std::to_string(answer.status));
  if (reply == nullptr) return what + "the document has no such status";
  const json::Value& content = (*reply)["content"];
  const std::string type = answer.contentType.substr(0, answer.contentType.find(';'));
  const json::Value* described = memberOf(content, type);
  if (described == nullptr) described = memberOf(content, "*/*");
  if (described == nullptr) return what + "the document has no content of type " + type;
  if (!type.ends_with("json") || memberOf(content, "*/*") != nullptr) return "";
  const json::Value& schema = (*described)["schema"];
  auto ready = compiled_.find(&schema);
  if (ready == compiled_.end()) ready = compiled_.try_emplace(&schema, schemaText(schema)).first;
  std::string differences;
  for (const InputError& error : ready->second.check("{\"Body\":" + answer.body + "}", kLimits))
    differences += (differences.empty() ? what : "; ") + error.member + ' ' + error.problem;
  return differences.empty() ? "" : differences + " in " + answer.body.substr(0, 2000);
}

void OpenApiChecker::findFaultsOf(const std::string& path, const std::string& method,
                                  const json::Value& operation, std::map<std::string, int>& ids,
                                  std::vector<std::string>& faults) const {
  const std::string what = method + ' ' + path;
  const auto expect = [&](bool holds, const std::string& fault) {
    if (!holds) faults.push_back(what + ": " + fault);
  };
  const std::string id = json::textOrEmpty(operation, "operationId");
  expect(!id.empty() && ++ids[id] == 1, "the operationId is missing or not unique");
  const std::string summary = json::textOrEmpty(operation, "summary");
  expect(summary.size() > 1 && summary.ends_with('.'), "the summary is no sentence");
  std::set<std::string> inPath;
  for (const auto& parameter : operation["parameters"].GetArray()) {
    const std::string name = json::textOrEmpty(parameter, "name");
    const bool isInPath = json::textOrEmpty(parameter, "in") == "path";
    if (isInPath) inPath.insert('{' + name + '}');
    expect(!isInPath || parameter["required"].IsTrue(), "a parameter of the path is not required");
    expect(json::textOrEmpty(parameter, "description").ends_with('.'), name + " is described by no sentence");
  }
  for (const std::string& part : segmentsOf(path))
    expect(!part.starts_with('{') || inPath.erase(part) == 1, part + " is not described");
  expect(inPath.empty(), "a parameter is not in the path");
  bool succeeds = false;
  for (const auto& reply : operation["responses"].GetObject()) {
    const std::string status(json::textOf(reply.name));
    succeeds = succeeds || status.front() == '2';
    expect(status.size() == 3, status + " is no status");
    expect(json::textOrEmpty(reply.value, "description").ends_with('.'),
           status + " is described by no sentence");
  }
  expect(succeeds, "no answer says that it succeeded");
  for (const auto& one : operation["security"].GetArray()) {
    for (const auto& scheme : one.GetObject())
      expect(document_["components"]["securitySchemes"].HasMember(scheme.name), "an unknown security scheme");
  }
}

std::vector<std::string> OpenApiChecker::findFaults() {
  std::vector<std::string> faults;
  if (json::textOrEmpty(document_, "openapi") != "3.1.0") faults.emplace_back("the version is not 3.1.0");
  const json::Value* about = memberOf(document_, "info");
  if (about == nullptr || json::textOrEmpty(*about, "title").empty() ||
      json::textOrEmpty(*about, "version").empty())
    faults.emplace_back("title or version is missing");
  std::map<std::string, int> ids;
  for (const auto& path : document_["paths"].GetObject()) {
    const std::string text(json::textOf(path.name));
    if (!text.starts_with('/')) faults.push_back(text + " does not begin with a slash");
    for (const auto& operation : path.value.GetObject())
      findFaultsOf(text, std::string(json::textOf(operation.name)), operation.value, ids, faults);
  }
  const json::Value& schemas = document_["components"]["schemas"];
  std::set<std::string> used;
  forEachReference(document_, [&](const std::string& reference) { used.insert(reference); });
  for (const auto& schema : schemas.GetObject()) {
    const std::string name(json::textOf(schema.name));
    if (used.erase(std::string(kReference) + name) == 0) faults.push_back("nothing uses the schema " + name);
    if (const auto problem = json::findSchemaProblem(schemaText(schema.value)))
      faults.push_back(name + ": " + *problem);
  }
  for (const std::string& reference : used) faults.push_back("there is no schema " + reference);
  return faults;
}

}  // namespace taskqueue::test_support
