#include "module/web/pages/page_frame.h"
#include "module/texts/marked.h"

#include <array>

#include "module/platform/secret.h"
#include "module/web/form.h"
#include "module/web/pages/preferences.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

// Lists the files that a page needs besides taskqueue.css and taskqueue.js.
struct Asset {
  const char* page;
  const char* script;
};
constexpr std::array kAssets{Asset{"overview", "chart/chart.min.js"}, Asset{"overview", "overview.js"},
                             Asset{"schedule_form", "schedule.js"}, Asset{"run", "log_lines.js"}, Asset{"run", "log.js"}};

// Describes an entry of the navigation.
struct Entry {
  const char* path;
  const char* english;
  const char* key;  // pressed after g, it opens the page
};
constexpr std::array kEntries{Entry{"", "Overview", "o"},           Entry{"tasks", "Tasks", "t"},
                              Entry{"queues", "Queues", "q"},       Entry{"handlers", "Handlers", "h"},
                              Entry{"schedules", "Schedules", "s"}, Entry{"runners", "Runners", "r"},
                              Entry{"health", "Health", "e"}};

// xgettext reads these problems, which all pages can have. Other problems stay in English.
[[maybe_unused]] constexpr std::array kProblems{
    marked("Not found"),
    marked("There is nothing at this address."),
    marked("There is no such task."),
    marked("There is no such run."),
    marked("There is no such runner."),
    marked("Forbidden"),
    marked("This needs the role viewer."),
    marked("This needs the role operator."),
    marked("This needs the role admin."),
    marked("The web server sent no user name, so access is denied."),
    marked("The web server sent no valid secret: nginx must send the secret of web.nginx_secret_sha256 as "
           "TASKQUEUE_SECRET."),
    marked("The form does not come from this site, or is out of date: reload the page."),
    marked("The task has ended"),
    marked("There is nothing left to cancel."),
    marked("The task has changed meanwhile"),
    marked("Look at it again, and repeat the action."),
    marked("Only a task that waits can be changed."),
    marked("Only a task that waits can be changed. Copy it as a new one."),
    marked("The schedule has changed meanwhile"),
    marked("Look at it again, and repeat the change."),
    marked("The task is running"),
    marked("Cancel it first, or wait until it ends."),
    marked("The unique key is taken"),
    marked("Another unfinished task has the same UniqueKey."),
    marked("Nothing selected"),
    marked("Select the tasks in the list first."),
    marked("No filter"),
    marked("Set a filter first: without one, the action would change all tasks."),
    marked("The runner is not running"),
    marked("The runner has already ended."),
    marked("Bad query"),
    marked("Bad address"),
    marked("Bad form"),
    marked("Too large"),
    marked("The body is larger than allowed."),
    marked("The database is unavailable"),
    marked("Internal error"),
    marked("See the log of taskqueue-fcgi.")};

data navigation(const Request& request, const Texts& texts) {
  data list(data::type::list);
  for (const Entry& entry : kEntries) {
    data one;
    const std::string first = request.path.empty() ? "" : request.path.front();
    one.set("path", std::string(entry.path));
    one.set("text", texts.text(entry.english));
    one.set("key", std::string(entry.key));
    one.set("current", data(first == entry.path || (first == "runs" && entry.path == std::string("tasks"))));
    list.push_back(one);
  }
  return list;
}

data options(const std::vector<std::pair<std::string, std::string>>& words, const std::string& chosen) {
  data list(data::type::list);
  for (const auto& [word, text] : words) {
    data one;
    one.set("word", word);
    one.set("text", text);
    one.set("selected", data(word == chosen));
    list.push_back(one);
  }
  return list;
}

std::string nameOf(const std::string& language) {
  if (language == "de") return "Deutsch";
  if (language == "ru") return "Русский";
  return language == "en" ? "English" : language;
}

// Returns the page's own address below the base path, to return to after a choice.
std::string addressOf(const Request& request) {
  std::string to;
  for (const std::string& part : request.path) to += (to.empty() ? "" : "/") + part;
  std::vector<std::pair<std::string, std::string>> parameters(request.query.begin(), request.query.end());
  const std::string query = writeQuery(parameters);
  return to + (query.empty() ? "" : "?" + query);
}

}  // namespace

Texts PageFrame::texts(const Request& request) const {
  return templates_.texts(request.view.language);
}

void PageFrame::addHeaders(const Request& request, Response& to) const {
  to.contentType = "text/html; charset=utf-8";
  to.headers = {{"Content-Security-Policy",
                 "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src "
                 "'self'; form-action "
                 "'self'; base-uri 'none'; frame-ancestors " +
                     configuration_.frameAncestors +
                     "; require-trusted-types-for 'script'; trusted-types taskqueue taskqueue-log"},
                {"Cross-Origin-Opener-Policy", "same-origin"},
                {"Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
                {"Vary", "Cookie, Accept-Language, Sec-Fetch-Dest"}};
  if (request.view.embedded && request.view.themeChosenByAddress) {
    to.headers.emplace_back("Set-Cookie",
                            choiceCookie("frame_theme", request.view.theme, configuration_.basePath));
  }
}

Response PageFrame::page(const Request& request, const std::string& name, const std::string& title,
                         data values, int status) const {
  const Texts say = texts(request);
  const std::string& language = request.view.language;
  values.set("base", configuration_.basePath);
  values.set("formToken", authorizer_.formTokenFor(request.user));
  values.set("mayOperate", data(roleMay(request.role, Access::Operate)));
  values.set("mayAdminister", data(roleMay(request.role, Access::Administer)));
  values.set("title", title);
  values.set("address", request.method == "POST" ? "" : addressOf(request));
  values.set("version", templates_.version());
  values.set("content", templates_.render(language, name, values));
  Response response;
  response.status = status;
  addHeaders(request, response);
  if (request.view.live) {
    response.body = templates_.render(language, "live", values);
    response.headers.emplace_back("ETag", '"' + platform::sha256Hex(response.body).substr(0, 32) + '"');
    return response;
  }
  values.set("language", language);
  values.set("theme", request.view.theme);
  values.set("embedded", data(request.view.embedded));
  values.set("user", request.user);
  values.set("navigation", navigation(request, say));
  values.set("themes", options({{"auto", say.text("system")},
                                {"light", say.text("light")},
                                {"dark", say.text("dark")},
                                {"inportal", "In-Portal"}},
                               request.view.theme));
  std::vector<std::pair<std::string, std::string>> languageNames;
  for (const std::string& one : templates_.languages()) languageNames.emplace_back(one, nameOf(one));
  values.set("languages", options(languageNames, language));
  if (const auto flash = readFlash(request, authorizer_)) {
    values.set("flash", flashValues(*flash, request, say));
    response.headers.emplace_back("Set-Cookie", endedFlashCookie(configuration_.basePath));
  }
  data scripts(data::type::list);
  for (const Asset& asset : kAssets) {
    if (name == asset.page) scripts.push_back(data("file", std::string(asset.script)));
  }
  values.set("scripts", scripts);
  response.body = templates_.render(language, "layout", values);
  return response;
}

Response PageFrame::problem(const Request& request, const Problem& problem) const {
  const Texts say = texts(request);
  data values;
  values.set("detail", say.text(problem.detail));
  data errors(data::type::list);
  for (const auto& [pointer, text] : problem.errors) {
    if (problem.detail.find(text) != std::string::npos) continue;  // already in the detail
    data one;
    one.set("member", pointer);
    one.set("text", text);
    errors.push_back(one);
  }
  values.set("errors", errors);
  return page(request, "problem", say.text(problem.title), values, problem.status);
}

Response PageFrame::redirect(const std::string& path) const {
  Response response;
  response.status = 303;
  response.headers.emplace_back("Location", configuration_.basePath + path);
  return response;
}

Response PageFrame::redirect(const std::string& path, const Request& request, const Flash& flash) const {
  Response response = redirect(path);
  response.headers.emplace_back(
      "Set-Cookie", flashCookie(flash, request.user, authorizer_, configuration_.basePath));
  return response;
}

}  // namespace taskqueue::web
