#include "module/web/pages/page_actions.h"

#include <algorithm>

#include "module/queue/whole_number.h"
#include "module/web/form.h"
#include "module/web/pages/preferences.h"

namespace taskqueue::web {
namespace {

constexpr std::size_t kMaxBackBytes = 2000;

// Returns whether the path stays below our base path: it must have no scheme or host.
bool isOwnPlace(const std::string& path) {
  return path.size() <= kMaxBackBytes && !path.starts_with('/') && !path.starts_with('\\') &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
}

}  // namespace

Answer PageActions::asByApi(ApiOperation operation, const Request& request, std::string page) {
  constexpr std::string_view kId = "{Id}";
  Answer outcome = (api_.*operation)(request);
  if (std::holds_alternative<Problem>(outcome)) return outcome;
  if (page.ends_with(kId))
    page.replace(page.size() - kId.size(), kId.size(), std::to_string(parseId(request).value_or(0)));
  return frame_.redirect(page);
}

Answer PageActions::limitHandler(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"MaxRunning"})) return *problem;
  const auto max = wholeNumber(formValue(request.form, "MaxRunning"));
  if (!max) return Problem{422, "Bad limit", "The limit must be a whole number; 0 means unlimited.", {}};
  const auto result = queue_.setHandlerLimit(request.parameters.at("Name"), *max, std::nullopt, 0);
  if (const auto& bad = result.error)
    return Problem{422, "Bad limit", bad->member + " " + bad->problem + ".", {}};
  wake_();
  return frame_.redirect("handlers");
}

Answer PageActions::limitRunners(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"TaskRunnerLimit", "Shown"})) return *problem;
  const auto wanted = wholeNumber(formValue(request.form, "TaskRunnerLimit"));
  const auto shown = wholeNumber(formValue(request.form, "Shown"));
  if (!wanted || !shown) return Problem{422, "Bad limit", "TaskRunnerLimit must be a whole number.", {}};
  const auto result = queue_.setTaskRunnerLimit(*wanted, *shown);
  if (auto problem = Api::findProblem(result)) return *problem;
  return frame_.redirect("runners");
}

Answer PageActions::chooseView(const Request& request) {
  if (auto problem = refuseOtherFields(request, {"back", "lang", "theme"})) return *problem;
  const std::string back = formValue(request.form, "back");
  Response response = frame_.redirect(isOwnPlace(back) ? back : "");
  const auto& languages = frame_.languages();
  if (request.form.contains("theme")) {
    const std::string theme = formValue(request.form, "theme");
    if (!isTheme(theme)) return badField("theme", "must be auto, light, dark or inportal");
    const char* name = request.view.embedded ? "frame_theme" : "theme";
    response.headers.emplace_back("Set-Cookie", choiceCookie(name, theme, frame_.base()));
  }
  if (request.form.contains("lang")) {
    const std::string language = formValue(request.form, "lang");
    if (std::find(languages.begin(), languages.end(), language) == languages.end())
      return badField("lang", "must be one of the languages of these pages");
    response.headers.emplace_back("Set-Cookie", choiceCookie("lang", language, frame_.base()));
  }
  return response;
}

}  // namespace taskqueue::web
