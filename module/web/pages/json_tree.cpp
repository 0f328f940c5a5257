#include "module/web/pages/json_tree.h"

#include <rapidjson/prettywriter.h>

#include "module/json/read.h"
#include "module/web/log/escape.h"

namespace taskqueue::web {
namespace {

constexpr int kOpenDepth = 2;  // levels below this one are closed

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

std::string JsonTree::html(const std::string& text, const std::string& taskHandlerClass,
                           const Texts& say) const {
  const auto masked = masker_.masked(text, taskHandlerClass);
  if (!masked) {
    return "<p class=\"unreadable\">" +
           escaped(say.text(
               "This is hidden because its secrets cannot be masked: it is not JSON or is too large.")) +
           "</p>";
  }
  std::string to = "<div class=\"tree\">";
  write(masked->document, 0, to);
  return to + "</div>";
}

JsonTree::Editable JsonTree::editable(const std::string& text, const std::string& taskHandlerClass) const {
  const auto masked = masker_.masked(text, taskHandlerClass);
  if (!masked) return {.text = "", .hidesSomething = false, .isUnreadable = true};
  rapidjson::StringBuffer buffer;
  rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
  writer.SetIndent(' ', 2);
  masked->document.Accept(writer);
  return {.text = {buffer.GetString(), buffer.GetSize()},
          .hidesSomething = masked->hidesSomething,
          .isUnreadable = false};
}

}  // namespace taskqueue::web
