#include "module/web/pages/task_fields.h"

#include <array>

#include "module/json/masking.h"
#include "module/queue/whole_number.h"
#include "module/texts/marked.h"
#include "module/web/pages/grid_query.h"
#include "module/web/pages/schema_form.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

constexpr std::string_view kTaskData = "/TaskData/";

// A phrase of the check of TaskData, or its beginning, and how a page says it. %1 is the rest.
struct Phrase {
  std::string_view begin;
  const char* words;
  bool isWhole = false;
};
constexpr std::array kPhrases{
    Phrase{"is required", marked("is required"), true},
    Phrase{"must be a whole number", marked("must be a whole number"), true},
    Phrase{"must be a time such as 2026-01-31T08:30", marked("must be a time such as 2026-01-31T08:30"), true},
    Phrase{"There is no such task.", marked("There is no such task."), true},
    Phrase{"is masked: enter it again", marked("is masked: enter it again"), true},
    Phrase{R"(must be of type "integer")", marked("must be a whole number"), true},
    Phrase{R"(must be of type "number")", marked("must be a number"), true},
    Phrase{R"(must be of type "boolean")", marked("must be true or false"), true},
    Phrase{R"(must be of type "array")", marked("must be a JSON list, such as [1, 2]"), true},
    Phrase{R"(must be of type "object")", marked("must be a JSON object, such as {\"a\": 1}"), true},
    Phrase{"does not satisfy minimum ", marked("must be at least %1")},
    Phrase{"does not satisfy maximum ", marked("must be at most %1")},
    Phrase{"does not satisfy minLength ", marked("must have at least %1 characters")},
    Phrase{"does not satisfy maxLength ", marked("may have at most %1 characters")},
    Phrase{"does not satisfy minItems ", marked("must have at least %1 items")},
    Phrase{"does not satisfy maxItems ", marked("may have at most %1 items")},
    Phrase{"does not satisfy multipleOf ", marked("must be a multiple of %1")},
    Phrase{"does not satisfy enum ", marked("must be one of %1")},
    Phrase{"does not satisfy pattern ", marked("does not have the form that the handler wants: %1")},
};

}  // namespace

std::optional<Problem> findFieldsProblem(const Request& request, std::vector<std::string> known) {
  Request others = request;
  if (!request.form.contains("raw")) {
    std::erase_if(others.form, [](const auto& field) {
      return field.first.starts_with(kMemberPrefix) && field.second.size() == 1;
    });
  } else {
    known.insert(known.end(), {"raw", "TaskData"});
  }
  return refuseOtherFields(others, known);
}

std::string readDataFields(const Request& request, const std::string& schema, std::vector<InputError>& errors) {
  if (request.form.contains("raw")) return formValue(request.form, "TaskData");
  addUnknownMembers(schema, request.form, errors);
  addMissingMembers(schema, request.form, errors);
  return readTaskData(schema, request.form);
}

void setDataFields(data& to, const std::string& schema, const std::string& taskData, bool raw,
                   const std::vector<InputError>& errors, const Texts& say) {
  std::map<std::string, std::string> byMember;
  for (const InputError& error : errors) {
    if (error.member.starts_with(kTaskData))
      byMember.emplace(error.member.substr(kTaskData.size()), wordsOf(error.problem, say));
  }
  auto members = makeFields(schema, taskData, byMember);
  to.set("raw", data(raw || !members));
  to.set("canForm", data(members.has_value()));
  to.set("TaskData", taskData);
  if (members) to.set("members", *members);
}

bool sameJson(const std::string& a, const std::string& b) {
  const auto readA = json::read(a, json::Masker::kReadable);
  const auto readB = json::read(b, json::Masker::kReadable);
  const auto* documentA = std::get_if<json::Document>(&readA);
  const auto* documentB = std::get_if<json::Document>(&readB);
  return documentA != nullptr && documentB != nullptr && *documentA == *documentB;
}

std::optional<int> readNumberField(const FormValues& fields, const std::string& name,
                                   std::vector<InputError>& errors) {
  const std::string text = formValue(fields, name);
  if (text.empty()) return std::nullopt;
  if (const auto value = wholeNumber(text, INT32_MIN, INT32_MAX)) return static_cast<int>(*value);
  errors.push_back({"/" + name, "must be a whole number"});
  return std::nullopt;
}

std::optional<UnixSeconds> readTimeField(const FormValues& fields, const std::string& name,
                                         std::vector<InputError>& errors) {
  const std::string text = formValue(fields, name);
  if (text.empty()) return std::nullopt;
  const auto time = readTime(text);
  if (!time) errors.push_back({"/" + name, "must be a time such as 2026-01-31T08:30"});
  return time;
}

std::optional<std::string> readTextField(const FormValues& fields, const std::string& name) {
  const std::string text = formValue(fields, name);
  return text.empty() ? std::nullopt : std::optional(text);
}

data choices(const std::vector<std::pair<std::string, std::string>>& words, const std::string& chosen) {
  data list(data::type::list);
  for (const auto& [word, label] : words) {
    data one;
    one.set("word", word);
    one.set("label", label);
    one.set("selected", data(word == chosen));
    list.push_back(one);
  }
  return list;
}

data choicesOfNotifyOn(const std::string& chosen, const Texts& say) {
  return choices({{"never", say.text("Never")},
                  {"both", say.text("When it ends")},
                  {"success", say.text("When it succeeds")},
                  {"failure", say.text("When it fails for good or is cancelled")}},
                 chosen);
}

std::string wordsOf(const std::string& problem, const Texts& say) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.isWhole ? problem == phrase.begin : problem.starts_with(phrase.begin))
      return say.text(phrase.words, {problem.substr(phrase.begin.size())});
  }
  return say.text(problem);
}

void setErrors(data& to, const std::vector<InputError>& errors, const Texts& say) {
  if (errors.empty()) return;
  data list(data::type::list);
  for (const InputError& error : errors) {
    data one;
    const bool isMember = error.member.starts_with(kTaskData);
    const std::string name = isMember ? error.member.substr(kTaskData.size())
                                      : error.member.substr(error.member.starts_with('/') ? 1 : 0);
    const std::string words = wordsOf(error.problem, say);
    one.set("member", name);
    one.set("field", (isMember ? "m-" : "f-") + name);
    one.set("text", words);
    list.push_back(one);
    if (!isMember) to.set(name + "Error", words);
  }
  data problems;
  problems.set("list", list);
  to.set("problems", problems);
}

}  // namespace taskqueue::web
