#include "runner/handlers/notify/mail_texts.h"

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <kainjow/mustache.hpp>
#include <sstream>
#include <stdexcept>

#include "module/json/health_check.h"
#include "module/platform/terminal_text.h"
#include "module/queue/notification.h"
#include "module/texts/texts.h"
#include "module/texts/translated.h"

namespace taskqueue::handlers {
namespace {

using TemplateValues = kainjow::mustache::data;

std::string contentOf(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read the template " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Replaces line ends: one would end the subject, or start a line of its own.
std::string oneLine(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\r' || c == '\n'; }, ' ');
  return platform::terminalText(text);
}

// A mail may be read in a terminal.
std::string lines(std::string text) {
  std::erase(text, '\r');
  return platform::terminalLines(text);
}

std::string lineIn(const json::Value& message, const char* name) {
  return oneLine(json::textOrEmpty(message, name));
}

std::string numberIn(const json::Value& message, const char* name) {
  const auto number = json::integerMember(message, name);
  return number ? std::to_string(*number) : "";
}

std::string timeIn(const json::Value& message, const char* name) {
  const auto seconds = json::integerMember(message, name);
  if (!seconds) return "—";
  const std::time_t time = *seconds;
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc)};
}

TemplateValues valuesOfTask(const json::Value& message, const std::string& pagesUrl) {
  TemplateValues values;
  const std::string status = json::textOrEmpty(message, "LastStatus");
  const std::string id = numberIn(message, "TaskQueueId");
  const std::string title = lineIn(message, "Title");
  const std::string handler = lineIn(message, "TaskHandlerClass");
  const auto superseded = message.FindMember("Superseded");
  const bool wasSuperseded = superseded != message.MemberEnd() && superseded->value.IsTrue();
  values.set("success", TemplateValues(status == "success"));
  values.set("failure", TemplateValues(status == "error" || status == "timeout"));
  values.set("cancelled", TemplateValues(status == "cancelled"));
  values.set("superseded", TemplateValues(wasSuperseded));
  values.set("Id", id);
  if (!title.empty()) values.set("Title", title);
  values.set("name", title.empty() ? handler + " " + id : title);
  values.set("TaskHandlerClass", handler);
  values.set("queuedOn", timeIn(message, "QueuedOn"));
  values.set("endedOn", timeIn(message, "EndedOn"));
  values.set("ErrorCode", lineIn(message, "ErrorCode"));
  values.set("ErrorMessage", lines(json::textOrEmpty(message, "ErrorMessage")));
  values.set("hasError", TemplateValues(status != "success" && !lineIn(message, "ErrorCode").empty()));
  if (!pagesUrl.empty()) values.set("url", pagesUrl + "tasks/" + id);
  return values;
}

// The template values for the findings of the health checks, in the reader's language.
TemplateValues valuesOfAlert(const json::Value& message, const Texts& say, const std::string& pagesUrl,
                             int alertSeconds) {
  constexpr int kMinute = 60;
  const health::HealthCheck check = json::readHealthCheck(message);
  TemplateValues values;
  bool isNamed = false;
  for (const auto& [section, event] : {std::pair("handlerFailed", "handler.failed"),
                                       {"queueWaits", "queue.waits"},
                                       {"overseerLate", "overseer.late"}}) {
    values.set(section, TemplateValues(check.event == event));
    isNamed = isNamed || check.event == event;
  }
  values.set("other", TemplateValues(!isNamed));
  values.set("name", say.text(check.name));
  if (!check.subject.empty()) values.set("subject", oneLine(check.subject));
  values.set("text", lines(say.text(check.text, check.values)));
  if (check.since) values.set("since", timeIn(message, "Since"));
  TemplateValues fixes(TemplateValues::type::list);
  for (const health::Fix& fix : check.fixes) {
    TemplateValues row;
    const std::string line = say.text(fix.command, fix.values);
    row.set("line", fix.serviceManager.empty()
                        ? line
                        : say.text("With %1:", {say.text(fix.serviceManager)}) + " " + line);
    fixes.push_back(row);
  }
  values.set("hasFixes", TemplateValues(!check.fixes.empty()));
  values.set("fixes", fixes);
  values.set("minutes", std::to_string(alertSeconds / kMinute));
  if (!pagesUrl.empty()) values.set("url", pagesUrl + "health");
  return values;
}

SubjectAndText split(const std::string& rendered, const std::string& path) {
  constexpr std::string_view kSubject = "Subject: ";
  const auto end = rendered.find('\n');
  if (!rendered.starts_with(kSubject) || end == std::string::npos)
    throw std::runtime_error(path + " must begin with a line 'Subject: …'");
  const auto text = rendered.find_first_not_of('\n', end);
  std::string body = text == std::string::npos ? "" : rendered.substr(text);
  // Sections left out of the template leave empty lines behind.
  for (auto at = body.find("\n\n\n"); at != std::string::npos; at = body.find("\n\n\n", at))
    body.erase(at, 1);
  while (body.ends_with("\n\n")) body.pop_back();
  return {rendered.substr(kSubject.size(), end - kSubject.size()), body};
}

}  // namespace

MailTexts::MailTexts(const platform::Configuration& configuration)
    : directory_(configuration.web.templatesDirectory),
      language_(configuration.notify.language),
      pagesUrl_(configuration.notify.pagesUrl),
      alertSeconds_(configuration.limits.alertSeconds) {
  catalogues_.emplace("en", Catalogue());
}

const Catalogue& MailTexts::catalogueOf(const std::string& language) {
  for (const std::string& code : {language, language.substr(0, language.find_first_of("-_")), language_}) {
    if (!isLanguageCode(code)) continue;
    const auto known = catalogues_.find(code);
    if (known != catalogues_.end()) return known->second;
    const std::string path = directory_ + "/locale/" + code + ".mo";
    if (std::filesystem::exists(path)) return catalogues_.emplace(code, Catalogue(code, path)).first->second;
  }
  return catalogues_.at("en");
}

SubjectAndText MailTexts::write(const json::Value& message, const std::string& language, bool isByHand) {
  const bool isOfTask = json::textOrEmpty(message, "Event") == "task.ended";
  const std::string path = directory_ + "/mail/" + (isOfTask ? "task_ended" : "alert") + ".txt";
  const Catalogue& catalogue = catalogueOf(language);
  kainjow::mustache::mustache form(translated(contentOf(path), catalogue, path));
  if (!form.is_valid()) throw std::runtime_error(path + ": " + form.error_message());
  TemplateValues values = isOfTask ? valuesOfTask(message, pagesUrl_)
                                   : valuesOfAlert(message, Texts(catalogue), pagesUrl_, alertSeconds_);
  values.set("byHand", TemplateValues(isByHand));
  return split(form.render(values), path);
}

}  // namespace taskqueue::handlers
