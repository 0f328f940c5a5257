#include "module/json/health_check.h"

namespace taskqueue::json {
namespace {

void writeValues(Writer& to, const std::vector<std::string>& values) {
  to.key("Values").startArray();
  for (const std::string& value : values) to.value(value);
  to.endArray();
}

const Value* listIn(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() || !found->value.IsArray() ? nullptr : &found->value;
}

std::string textIn(const Value& object, const char* name) {
  return std::string(textMember(object, name).value_or(""));
}

std::vector<std::string> readValues(const Value& object) {
  std::vector<std::string> values;
  const Value* list = listIn(object, "Values");
  if (list == nullptr) return values;
  for (const auto& value : list->GetArray()) {
    if (value.IsString()) values.emplace_back(value.GetString(), value.GetStringLength());
  }
  return values;
}

}  // namespace

void writeHealthCheck(Writer& to, const health::HealthCheck& check) {
  to.member("Name", check.name).member("Status", toString(check.state)).member("Subject", check.subject);
  to.member("Since", check.since).member("Count", check.count);
  to.member("Text", textOf(check)).member("Fix", textOf(check.fixes));
}

void writeHealthForm(Writer& to, const health::HealthCheck& check) {
  to.key("Form").startObject().member("Text", check.text);
  writeValues(to, check.values);
  to.key("Fixes").startArray();
  for (const health::Fix& fix : check.fixes) {
    to.startObject().member("Command", fix.command).member("ServiceManager", fix.serviceManager);
    writeValues(to, fix.values);
    to.endObject();
  }
  to.endArray().endObject();
}

health::HealthCheck readHealthCheck(const Value& message) {
  health::HealthCheck check;
  check.name = textIn(message, "Name");
  check.event = textIn(message, "Event");
  check.state = health::parseHealth(textIn(message, "Status")).value_or(health::Health::Warning);
  check.subject = textIn(message, "Subject");
  check.since = integerMember(message, "Since");
  check.count = integerMember(message, "Count");
  const auto form = message.FindMember("Form");
  if (form == message.MemberEnd() || !form->value.IsObject()) {
    check.text = textIn(message, "Text");
    return check;
  }
  check.text = textIn(form->value, "Text");
  check.values = readValues(form->value);
  if (const Value* fixes = listIn(form->value, "Fixes")) {
    for (const auto& each : fixes->GetArray()) {
      if (each.IsObject())
        check.fixes.push_back({textIn(each, "Command"), textIn(each, "ServiceManager"), readValues(each)});
    }
  }
  return check;
}

}  // namespace taskqueue::json
