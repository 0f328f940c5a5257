#include "module/json/task_data.h"

#include "module/json/pattern.h"
#include "module/json/schema_expansion.h"

#include <rapidjson/pointer.h>
#include <rapidjson/schema.h>
#include <rapidjson/stringbuffer.h>

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>

namespace taskqueue::json {
namespace {

constexpr Limits kSchemaLimits{.bytes = 64 << 10, .depth = 16, .members = 2000};

std::string textOfPointer(const rapidjson::Pointer& pointer) {
  rapidjson::StringBuffer buffer;
  pointer.Stringify(buffer);
  return {buffer.GetString(), buffer.GetSize()};
}

// Finds a schema that refers to itself for the same value, by `$ref` or a combination. RapidJSON would follow
// such a circle until the stack overflows. References for a member or item are harmless, because the data has
// an end.
class CircleSearch {
 public:
  explicit CircleSearch(const Document& schema) : whole_(schema) {}

  bool foundIn(const Value& part) {
    if (comesBackTo(part)) return true;
    if (part.IsObject()) {
      return std::any_of(part.MemberBegin(), part.MemberEnd(),
                         [&](const auto& member) { return foundIn(member.value); });
    }
    return part.IsArray() &&
           std::any_of(part.Begin(), part.End(), [&](const Value& item) { return foundIn(item); });
  }

 private:
  bool comesBackTo(const Value& schema) {
    if (!schema.IsObject() || harmless_.contains(&schema)) return false;
    if (!path_.insert(&schema).second) return true;
    const auto beside = schemasBeside(whole_, schema);
    const bool found =
        std::any_of(beside.begin(), beside.end(), [&](const Value* part) { return comesBackTo(*part); });
    path_.erase(&schema);
    if (!found) harmless_.insert(&schema);
    return found;
  }

  const Document& whole_;
  std::set<const Value*> path_;
  std::set<const Value*> harmless_;
};

// Returns a pattern of the schema that cannot be used, or nothing.
std::optional<std::string> unusablePattern(const Value& part) {
  const auto refused = [](const Value& text) {
    return text.IsString() && !isUsablePattern(textOf(text)) ? std::optional(std::string(textOf(text)))
                                                             : std::nullopt;
  };
  if (part.IsArray()) {
    for (const Value& item : part.GetArray()) {
      if (auto found = unusablePattern(item)) return found;
    }
  }
  if (!part.IsObject()) return std::nullopt;
  for (const auto& member : part.GetObject()) {
    std::optional<std::string> found;
    if (textOf(member.name) == "pattern") found = refused(member.value);
    if (textOf(member.name) == "patternProperties" && member.value.IsObject()) {
      for (const auto& property : member.value.GetObject()) {
        if (!found) found = refused(property.name);
      }
    }
    if (!found) found = unusablePattern(member.value);
    if (found) return found;
  }
  return std::nullopt;
}

constexpr std::array<std::string_view, 4> kDataKeywords{"enum", "const", "default", "examples"};
// Keywords whose members are schemas.
constexpr std::array<std::string_view, 4> kSchemasByName{"properties", "patternProperties", "definitions",
                                                         "dependencies"};
constexpr std::array<std::string_view, 7> kTypes{"array",  "boolean", "integer", "null",
                                                 "number", "object",  "string"};

bool isOneOf(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Returns whether this is true of the schema or one of its sub-schemas. A value that is no schema, such as
// that of `enum`, is not looked at.
bool anySchema(const Value& schema, bool (*isTrue)(const Value& schema)) {
  const auto inSub = [isTrue](const Value& sub) { return anySchema(sub, isTrue); };
  if (schema.IsArray()) return std::any_of(schema.Begin(), schema.End(), inSub);
  if (!schema.IsObject()) return false;
  if (isTrue(schema)) return true;
  return std::any_of(schema.MemberBegin(), schema.MemberEnd(), [&](const auto& member) {
    const std::string_view name = textOf(member.name);
    if (isOneOf(kDataKeywords, name)) return false;
    if (!member.value.IsObject() || !isOneOf(kSchemasByName, name)) return inSub(member.value);
    return std::any_of(member.value.MemberBegin(), member.value.MemberEnd(),
                       [&](const auto& property) { return inSub(property.value); });
  });
}

// Returns whether a sub-schema is something else than an object, such as the `true` of a later draft.
// RapidJSON would use a null pointer.
bool hasOddSubSchema(const Value& schema) {
  const auto isOdd = [](const Value& part) { return !part.IsObject(); };
  for (const char* name : {"allOf", "anyOf", "oneOf", "items"}) {
    const auto list = schema.FindMember(name);
    if (list != schema.MemberEnd() && list->value.IsArray() &&
        std::any_of(list->value.Begin(), list->value.End(), isOdd))
      return true;
  }
  const auto patterns = schema.FindMember("patternProperties");
  return patterns != schema.MemberEnd() && patterns->value.IsObject() &&
         std::any_of(patterns->value.MemberBegin(), patterns->value.MemberEnd(),
                     [&](const auto& property) { return isOdd(property.value); });
}

// Returns whether no data has one of the types of the schema, which a misspelt name would mean.
bool hasUnknownType(const Value& schema) {
  const auto isUnknown = [](const Value& type) { return !type.IsString() || !isOneOf(kTypes, textOf(type)); };
  const auto type = schema.FindMember("type");
  if (type == schema.MemberEnd()) return false;
  if (!type->value.IsArray()) return isUnknown(type->value);
  return type->value.Empty() || std::any_of(type->value.Begin(), type->value.End(), isUnknown);
}

// Beside patternProperties, RapidJSON loses its place at a member that only a pattern allows when
// additionalProperties is false. A schema that nothing fits means the same.
void replaceFalseBesidePatterns(Value& part, Document::AllocatorType& allocator) {
  if (part.IsArray()) {
    for (Value& item : part.GetArray()) replaceFalseBesidePatterns(item, allocator);
  }
  if (!part.IsObject()) return;
  const auto additional = part.FindMember("additionalProperties");
  if (part.HasMember("patternProperties") && additional != part.MemberEnd() && additional->value.IsFalse()) {
    additional->value.SetObject();
    additional->value.AddMember("not", Value(rapidjson::kObjectType), allocator);
  }
  for (auto& member : part.GetObject()) replaceFalseBesidePatterns(member.value, allocator);
}

// Lists the members of an object's schema, such as "; it knows File, DryRun".
std::string knownMembers(const Value& schema) {
  constexpr std::size_t kMaxNamed = 20;
  const auto properties = schema.FindMember("properties");
  if (properties == schema.MemberEnd() || !properties->value.IsObject()) return "";
  std::string names;
  std::size_t count = 0;
  for (const auto& property : properties->value.GetObject()) {
    if (++count > kMaxNamed) return "; it knows " + names + " and others";
    names.append(names.empty() ? "" : ", ").append(textOf(property.name));
  }
  return names.empty() ? "" : "; it knows " + names;
}

// Explains an error with the schema's value for the keyword, such as "does not satisfy minimum 1".
std::string explain(const Document& schema, const rapidjson::Pointer& where, const std::string& keyword) {
  const Value* part = where.Get(schema);
  if (part == nullptr || !part->IsObject() || !part->HasMember(keyword.c_str())) {
    return "does not satisfy \"" + keyword + "\" of the handler's schema";
  }
  const Value& rule = (*part)[keyword.c_str()];
  if (keyword == "not" && rule.IsObject() && rule.ObjectEmpty()) return "is not known to the handler";
  if (keyword == "additionalProperties") return "is not known to the handler" + knownMembers(*part);
  if (keyword == "type") return "must be of type " + write(rule);
  if (keyword == "required") return "must have the members " + write(rule);
  return "does not satisfy " + keyword + " " + write(rule);
}

}  // namespace

Limits taskDataLimits(const QueueLimits& limits) {
  return {.bytes = limits.taskDataBytes,
          .depth = limits.taskDataDepth,
          .members = limits.taskDataMembers,
          .exactNumbers = true};
}

std::optional<std::string> findSchemaProblem(std::string_view schema) {
  if (schema.empty()) return std::nullopt;
  const auto parsed = read(schema, kSchemaLimits);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return problem->text;
  const auto& document = std::get<Document>(parsed);
  if (!document.IsObject()) return "not an object";
  if (anySchema(document, hasOddSubSchema))
    return "a sub-schema of allOf, anyOf, oneOf, items or patternProperties is not an object";
  if (anySchema(document, hasUnknownType))
    return "a type is none of array, boolean, integer, null, number, object, string";
  if (CircleSearch(document).foundIn(document)) return "a $ref leads back to itself";
  if (!expandsWithinLimit(document)) {
    return "its $refs and combinations (allOf, anyOf, oneOf, not, dependencies) expand to more than " +
           std::to_string(kMaxSubSchemas) + " sub-schemas for one set of data";
  }
  if (const auto pattern = unusablePattern(document)) {
    return "the pattern \"" + *pattern +
           "\" is not of the simple kind that can be checked (no \\d, look-around or lazy repetition)";
  }
  return std::nullopt;
}

struct DataSchema::Compiled {
  explicit Compiled(Document schema) : text(prepared(std::move(schema))), rules(text) {}

  static Document prepared(Document schema) {
    replaceFalseBesidePatterns(schema, schema.GetAllocator());
    return schema;
  }

  Document text;
  rapidjson::SchemaDocument rules;
};

DataSchema::DataSchema(std::string_view schema) {
  if (schema.empty()) return;
  problem_ = findSchemaProblem(schema);
  if (problem_) return;
  auto parsed = read(schema, kSchemaLimits);
  compiled_ = std::make_shared<const Compiled>(std::move(std::get<Document>(parsed)));
}

std::vector<InputError> DataSchema::check(std::string_view taskData, const Limits& limits) const {
  const auto parsed = read(taskData, limits);
  if (const auto* problem = std::get_if<Problem>(&parsed)) return {{"", problem->text}};
  const auto& data = std::get<Document>(parsed);
  if (!data.IsObject()) return {{"", "must be a JSON object"}};
  if (problem_) return {{"", "cannot be checked because the handler's schema is invalid: " + *problem_}};
  if (!compiled_) return {};
  rapidjson::SchemaValidator validator(compiled_->rules);
  if (data.Accept(validator)) return {};
  return {
      {textOfPointer(validator.GetInvalidDocumentPointer()),
       explain(compiled_->text, validator.GetInvalidSchemaPointer(), validator.GetInvalidSchemaKeyword())}};
}

std::vector<InputError> TaskDataCheck::operator()(std::string_view taskData, std::string_view schema) {
  auto known = ready_.find(schema);
  if (known == ready_.end()) {
    if (ready_.size() == kMaxCached) ready_.clear();
    known = ready_.emplace(schema, DataSchema(schema)).first;
  }
  return known->second.check(taskData, limits_);
}

std::vector<InputError> checkTaskData(std::string_view taskData, std::string_view schema,
                                      const Limits& limits) {
  return DataSchema(schema).check(taskData, limits);
}

}  // namespace taskqueue::json
