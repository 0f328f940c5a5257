#include "module/web/pages/json_tree.h"

#include <rapidjson/prettywriter.h>

#include <algorithm>

#include "module/json/read.h"
#include "module/queue/utf8_text.h"
#include "module/web/log/escape.h"

namespace taskqueue::web {
namespace {

constexpr const char* kMask = "••••••";
constexpr json::Limits kShown{.bytes = 4 << 20, .depth = 64, .members = 20000};
constexpr std::size_t kMostShownBytes = 64 << 10;  // of text that is no JSON
constexpr int kOpenDepth = 2;                      // folds below this are closed

std::string lower(std::string_view text) {
  std::string to(text);
  for (char& c : to) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return to;
}

void mask(json::Value& value, const std::vector<std::string>& names, json::Document::AllocatorType& memory,
          bool& changed) {
  if (value.IsArray()) {
    for (json::Value& element : value.GetArray()) mask(element, names, memory, changed);
  }
  if (!value.IsObject()) return;
  for (auto& member : value.GetObject()) {
    const std::string name = lower(json::textOf(member.name));
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      mask(member.value, names, memory, changed);
      continue;
    }
    member.value.SetString(kMask, memory);
    changed = true;
  }
}

void write(const json::Value& value, int depth, std::string& to);

void writeFold(const json::Value& value, int depth, std::string& to) {
  const bool isObject = value.IsObject();
  const std::size_t count = isObject ? value.MemberCount() : value.Size();
  to += std::string("<details") + (depth < kOpenDepth ? " open" : "") + "><summary>" +
        (isObject ? "{" : "[") + std::to_string(count) + (isObject ? "}" : "]") + "</summary><ul>";
  if (isObject) {
    for (const auto& member : value.GetObject()) {
      to += "<li><span class=\"key\">" + escaped(json::textOf(member.name)) + "</span> ";
      write(member.value, depth + 1, to);
      to += "</li>";
    }
  } else {
    for (const json::Value& element : value.GetArray()) {
      to += "<li>";
      write(element, depth + 1, to);
      to += "</li>";
    }
  }
  to += "</ul></details>";
}

void write(const json::Value& value, int depth, std::string& to) {
  const bool isEmpty = (value.IsObject() && value.MemberCount() == 0) || (value.IsArray() && value.Empty());
  if ((value.IsObject() || value.IsArray()) && !isEmpty) return writeFold(value, depth, to);
  if (value.IsString()) {
    to += "<span class=\"text\">" + escaped(json::textOf(value)) + "</span>";
    return;
  }
  to += "<span class=\"literal\">" + escaped(json::write(value)) + "</span>";
}

}  // namespace

std::vector<std::string> JsonTree::namesFor(const std::string& taskHandlerClass) const {
  std::vector<std::string> names;
  for (const std::string& key : {std::string(), taskHandlerClass}) {
    const auto found = sensitive_.find(key);
    if (found == sensitive_.end()) continue;
    for (const std::string& name : found->second) names.push_back(lower(name));
  }
  return names;
}

std::string JsonTree::html(const std::string& text, const std::string& taskHandlerClass) const {
  auto read = json::read(text, kShown);
  if (std::holds_alternative<json::Problem>(read))
    return "<pre>" + escaped(cutAtCharacter(text, kMostShownBytes)) + "</pre>";
  auto& document = std::get<json::Document>(read);
  bool changed = false;
  mask(document, namesFor(taskHandlerClass), document.GetAllocator(), changed);
  std::string to = "<div class=\"tree\">";
  write(document, 0, to);
  return to + "</div>";
}

std::string JsonTree::masked(const std::string& text, const std::string& taskHandlerClass) const {
  auto read = json::read(text, kShown);
  if (std::holds_alternative<json::Problem>(read)) return text;
  auto& document = std::get<json::Document>(read);
  bool changed = false;
  mask(document, namesFor(taskHandlerClass), document.GetAllocator(), changed);
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  document.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

bool JsonTree::hides(const std::string& text, const std::string& taskHandlerClass) const {
  auto read = json::read(text, kShown);
  if (std::holds_alternative<json::Problem>(read)) return false;
  auto& document = std::get<json::Document>(read);
  bool changed = false;
  mask(document, namesFor(taskHandlerClass), document.GetAllocator(), changed);
  return changed;
}

}  // namespace taskqueue::web
