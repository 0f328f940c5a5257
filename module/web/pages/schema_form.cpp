#include "module/web/pages/schema_form.h"

#include "module/json/read.h"
#include "module/json/writer.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr json::Limits kRead{.bytes = 2 << 20, .depth = 64, .members = 20000};
constexpr unsigned kMaxSchemaFields = 50;

std::optional<json::Document> objectOf(const std::string& text) {
  auto read = json::read(text, kRead);
  auto* document = std::get_if<json::Document>(&read);
  if (document == nullptr || !document->IsObject()) return std::nullopt;
  return std::move(*document);
}

const json::Value* memberOf(const json::Value& object, const char* name) {
  if (!object.IsObject()) return nullptr;
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

std::string typeOf(const json::Value& property) {
  const auto type = json::textMember(property, "type");
  return type ? std::string(*type) : "";
}

bool isRequired(const json::Value& schema, const std::string& name) {
  const json::Value* list = memberOf(schema, "required");
  if (list == nullptr || !list->IsArray()) return false;
  for (const json::Value& one : list->GetArray()) {
    if (one.IsString() && json::textOf(one) == name) return true;
  }
  return false;
}

std::string shownValue(const json::Value* value, bool asJson) {
  if (value == nullptr) return "";
  return value->IsString() && !asJson ? std::string(json::textOf(*value)) : json::write(*value);
}

bool addOptions(const json::Value& property, const std::string& value, data& to) {
  data options(data::type::list);
  const auto add = [&](const std::string& word) {
    data one;
    one.set("word", word);
    one.set("selected", data(word == value));
    options.push_back(one);
  };
  const json::Value* choices = memberOf(property, "enum");
  if (choices != nullptr && choices->IsArray()) {
    for (const json::Value& choice : choices->GetArray()) add(shownValue(&choice, false));
  } else if (typeOf(property) == "boolean") {
    add("true");
    add("false");
  } else {
    return false;
  }
  data group;
  group.set("options", options);
  to.set("choices", group);
  return true;
}

// Returns whether the text needs more than one line.
bool isLong(const json::Value& property, const std::string& text) {
  constexpr double kOneLine = 5000;  // largest maxLength of a one-line field
  const json::Value* max = memberOf(property, "maxLength");
  return text.find('\n') != std::string::npos ||
         (max != nullptr && max->IsNumber() && max->GetDouble() > kOneLine);
}

// Removes the carriage return of CRLF, which forms send between lines.
std::string withPlainLineEnds(std::string text) {
  for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at)) text.erase(at, 1);
  return text;
}

data fieldOf(const json::Value& schema, const std::string& name, const json::Value& property,
             const json::Value* value) {
  data field;
  const std::string type = typeOf(property);
  const bool isPlain = type == "string" || type == "integer" || type == "number" || type == "boolean";
  const std::string text = shownValue(value, !isPlain && memberOf(property, "enum") == nullptr);
  field.set("name", name);
  const auto title = json::textMember(property, "title");
  field.set("label", title ? std::string(*title) : name);
  field.set("required", data(isRequired(schema, name)));
  field.set("value", text);
  if (const auto description = json::textMember(property, "description"))
    field.set("description", std::string(*description));
  if (addOptions(property, text, field)) return field;
  if (!isPlain) {
    field.set("json", data(true));
    return field;
  }
  const bool isNumber = type != "string";
  if (!isNumber && isLong(property, text)) {
    field.set("long", data(true));
    return field;
  }
  field.set("input", std::string(isNumber ? "number" : "text"));
  if (isNumber) field.set("step", std::string(type == "integer" ? "1" : "any"));
  for (const char* limit : {"minimum", "maximum"}) {
    const json::Value* max = memberOf(property, limit);
    if (isNumber && max != nullptr && max->IsNumber()) field.set(limit, json::write(*max));
  }
  return field;
}

// Returns whether the text is JSON of this type.
bool isJsonOfType(const std::string& text, const std::string& type) {
  const auto read = json::read(text, kRead);
  const auto* document = std::get_if<json::Document>(&read);
  if (document == nullptr) return false;
  if (type == "integer" || type == "number") return document->IsNumber();
  if (type == "boolean") return document->IsBool();
  return true;
}

}  // namespace

std::optional<data> makeFields(const std::string& schemaText, const std::string& taskData,
                               const std::map<std::string, std::string>& errors) {
  const auto schema = objectOf(schemaText);
  if (!schema) return std::nullopt;
  const json::Value* properties = memberOf(*schema, "properties");
  if (properties == nullptr || !properties->IsObject() || properties->ObjectEmpty() ||
      properties->MemberCount() > kMaxSchemaFields)
    return std::nullopt;
  const auto values = objectOf(taskData);
  data fields(data::type::list);
  for (const auto& property : properties->GetObject()) {
    const std::string name(json::textOf(property.name));
    data field = fieldOf(*schema, name, property.value, values ? memberOf(*values, name.c_str()) : nullptr);
    if (const auto error = errors.find(name); error != errors.end()) field.set("error", error->second);
    fields.push_back(field);
  }
  return fields;
}

std::string defaultTaskData(const std::string& schemaText) {
  const auto schema = objectOf(schemaText);
  const json::Value* properties = schema ? memberOf(*schema, "properties") : nullptr;
  json::Writer to;
  to.startObject();
  if (properties != nullptr && properties->IsObject()) {
    for (const auto& property : properties->GetObject()) {
      const json::Value* value = memberOf(property.value, "default");
      if (value != nullptr) to.key(std::string(json::textOf(property.name))).raw(json::write(*value));
    }
  }
  return to.endObject().text();
}

void addMissingMembers(const std::string& schemaText, const FormValues& fields, std::vector<InputError>& to) {
  const auto schema = objectOf(schemaText);
  const json::Value* properties = schema ? memberOf(*schema, "properties") : nullptr;
  if (properties == nullptr || !properties->IsObject()) return;
  for (const auto& property : properties->GetObject()) {
    const std::string name(json::textOf(property.name));
    if (isRequired(*schema, name) && formValue(fields, std::string(kMemberPrefix) + name).empty())
      to.push_back({"/TaskData/" + name, "is required"});
  }
}

void addUnknownMembers(const std::string& schemaText, const FormValues& fields, std::vector<InputError>& to) {
  const auto schema = objectOf(schemaText);
  const json::Value* properties = schema ? memberOf(*schema, "properties") : nullptr;
  for (const auto& [field, values] : fields) {
    if (!field.starts_with(kMemberPrefix) || values.front().empty()) continue;
    const std::string name = field.substr(kMemberPrefix.size());
    if (properties == nullptr || memberOf(*properties, name.c_str()) == nullptr)
      to.push_back({"/TaskData/" + name, "is not a member that the handler declares: open the page again"});
  }
}

std::string readTaskData(const std::string& schemaText, const FormValues& fields) {
  const auto schema = objectOf(schemaText);
  const json::Value* properties = schema ? memberOf(*schema, "properties") : nullptr;
  json::Writer to;
  to.startObject();
  if (properties != nullptr && properties->IsObject()) {
    for (const auto& property : properties->GetObject()) {
      const std::string name(json::textOf(property.name));
      const auto found = fields.find(std::string(kMemberPrefix) + name);
      if (found == fields.end() || found->second.front().empty()) continue;
      const std::string text = withPlainLineEnds(found->second.front());
      const std::string type = typeOf(property.value);
      to.key(name);
      if (type == "string" || !isJsonOfType(text, type)) {
        to.value(text);
      } else {
        to.raw(text);
      }
    }
  }
  return to.endObject().text();
}

}  // namespace taskqueue::web
