#include "module/json/task_data.h"

#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

namespace taskqueue::json {
namespace {

constexpr Limits kSchemaLimits{.bytes = 64 * 1024, .depth = 16, .members = 2000};

std::string textOfPointer(const rapidjson::Pointer& pointer) {
  rapidjson::StringBuffer buffer;
  pointer.Stringify(buffer);
  return {buffer.GetString(), buffer.GetSize()};
}

// "does not satisfy minimum 1", with what the schema says under that keyword.
std::string explain(const Document& schema, const rapidjson::Pointer& where, const std::string& keyword) {
  const Value* part = where.Get(schema);
  if (part == nullptr || !part->IsObject() || !part->HasMember(keyword.c_str())) {
    return "does not satisfy \"" + keyword + "\" of the handler's schema";
  }
  const Value& rule = (*part)[keyword.c_str()];
  if (keyword == "additionalProperties") return "has a member that the handler does not know";
  if (keyword == "type") return "must be of type " + write(rule);
  if (keyword == "required") return "must have the members " + write(rule);
  return "does not satisfy " + keyword + " " + write(rule);
}

}  // namespace

Limits taskDataLimits(const QueueLimits& limits) {
  return {.bytes = limits.taskDataBytes, .depth = limits.taskDataDepth, .members = limits.taskDataMembers};
}

std::optional<std::string> problemOfSchema(std::string_view schema) {
  if (schema.empty()) return std::nullopt;
  const auto parsed = read(schema, kSchemaLimits);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return problem->text;
  if (!std::get<Document>(parsed).IsObject()) return "not an object";
  return std::nullopt;
}

std::vector<InputError> checkTaskData(std::string_view taskData, std::string_view schema, const Limits& limits) {
  const auto parsed = read(taskData, limits);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return {{"", problem->text}};
  const auto& data = std::get<Document>(parsed);
  if (!data.IsObject()) return {{"", "must be a JSON object"}};
  if (schema.empty()) return {};

  const auto parsedSchema = read(schema, kSchemaLimits);
  const auto* schemaText = std::get_if<Document>(&parsedSchema);
  if (schemaText == nullptr) return {{"", "cannot be checked: the handler's schema is not valid JSON"}};
  const rapidjson::SchemaDocument compiled(*schemaText);
  rapidjson::SchemaValidator validator(compiled);
  if (data.Accept(validator)) return {};
  return {{textOfPointer(validator.GetInvalidDocumentPointer()),
           explain(*schemaText, validator.GetInvalidSchemaPointer(), validator.GetInvalidSchemaKeyword())}};
}

}  // namespace taskqueue::json
