#include "module/web/pages/page_actions.h"

#include <algorithm>
#include <charconv>

#include "module/web/form.h"
#include "module/web/pages/preferences.h"

namespace taskqueue::web {
namespace {

constexpr std::size_t kMostBackBytes = 2000;

// Only a place below our own base path: no scheme, no host, no way out.
bool isOwnPlace(const std::string& path) {
  return path.size() <= kMostBackBytes && !path.starts_with('/') && !path.starts_with('\\') &&
         std::all_of(path.begin(), path.end(), [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
}

}  // namespace

Answer PageActions::asByApi(ApiOperation operation, const Request& request, std::string page) {
  constexpr std::string_view kId = "{Id}";
  Answer outcome = (api_.*operation)(request);
  if (std::holds_alternative<Problem>(outcome)) return outcome;
  if (page.ends_with(kId))
    page.replace(page.size() - kId.size(), kId.size(), std::to_string(idOf(request).value_or(0)));
  return frame_.redirect(page);
}

Answer PageActions::limitHandler(const Request& request) {
  const std::string text = formValue(request.body, "MaxRunning");
  std::int64_t most = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
  if (text.empty() || error != std::errc() || end != text.data() + text.size())
    return Problem{422, "Bad limit", "The limit must be a whole number; 0: any number.", {}};
  const auto result = queue_.setHandlerLimit(request.parameters.at("Name"), most, std::nullopt, 0);
  if (const auto& bad = result.error)
    return Problem{422, "Bad limit", bad->member + " " + bad->problem + ".", {}};
  wake_();
  return frame_.redirect("handlers");
}

Answer PageActions::limitRunners(const Request& request) {
  const auto numberOf = [&](const char* name) -> std::optional<std::int64_t> {
    const std::string text = formValue(request.body, name);
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool isNumber = !text.empty() && error == std::errc() && end == text.data() + text.size();
    return isNumber ? std::optional(number) : std::nullopt;
  };
  const auto wanted = numberOf("TaskRunnerLimit");
  const auto shown = numberOf("Shown");
  if (!wanted || !shown) return Problem{422, "Bad limit", "TaskRunnerLimit must be a whole number.", {}};
  const auto result = queue_.setTaskRunnerLimit(*wanted, static_cast<int>(*shown));
  if (auto problem = Api::problemOf(result)) return *problem;
  return frame_.redirect("runners");
}

Answer PageActions::chooseView(const Request& request) {
  const std::string back = formValue(request.body, "back");
  Response response = frame_.redirect(isOwnPlace(back) ? back : "");
  const std::string theme = formValue(request.body, "theme");
  const std::string language = formValue(request.body, "lang");
  const auto& languages = frame_.languages();
  if (isTheme(theme)) {
    const char* name = request.view.embedded ? "frame_theme" : "theme";
    response.headers.emplace_back("Set-Cookie", choiceCookie(name, theme, frame_.base()));
  }
  if (std::find(languages.begin(), languages.end(), language) != languages.end())
    response.headers.emplace_back("Set-Cookie", choiceCookie("lang", language, frame_.base()));
  return response;
}

}  // namespace taskqueue::web
