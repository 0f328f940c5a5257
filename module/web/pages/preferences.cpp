#include "module/web/pages/preferences.h"
#include "module/queue/word_list.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace taskqueue::web {
namespace {

constexpr std::string_view kCookiePrefix = "taskqueue_";
constexpr const char* kYearSeconds = "31536000";

std::optional<std::string> takeOut(Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return std::nullopt;
  std::string value = found->second;
  request.query.erase(found);
  return value;
}

bool isOneOf(const std::string& language, const std::vector<std::string>& languages) {
  return std::find(languages.begin(), languages.end(), language) != languages.end();
}
// Returns the first known language of the list. Browsers put the preferred one first.
std::string acceptedLanguage(std::string_view list, const std::vector<std::string>& languages) {
  while (!list.empty()) {
    const auto end = list.find(',');
    std::string_view one = list.substr(0, end);
    list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    const std::string language(one.substr(0, one.find_first_of("-;")));
    if (isOneOf(language, languages)) return language;
  }
  return "en";
}

}  // namespace

std::string cookieValue(std::string_view cookies, const std::string& name) {
  const std::string wanted = std::string(kCookiePrefix) + name + "=";
  while (!cookies.empty()) {
    const auto end = cookies.find(';');
    std::string_view one = cookies.substr(0, end);
    cookies.remove_prefix(end == std::string_view::npos ? cookies.size() : end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    if (one.starts_with(wanted)) return std::string(one.substr(wanted.size()));
  }
  return "";
}

bool isTheme(const std::string& word) {
  constexpr std::array kThemes{"auto", "light", "dark", "inportal"};
  return std::find(kThemes.begin(), kThemes.end(), word) != kThemes.end();
}

std::string readView(Request& request, const std::vector<std::string>& languages) {
  View view;
  std::string problem;
  const auto take = [&](const std::string& name, const auto& fits, const std::string& values) {
    const auto value = takeOut(request, name);
    if (value && !fits(*value)) problem = "The query parameter " + name + " must be " + values + ".";
    return value.value_or("");
  };
  const auto isSwitch = [](const std::string& value) { return value == "0" || value == "1"; };
  const auto isLanguage = [&](const std::string& value) { return isOneOf(value, languages); };
  const std::string chosenLanguage = take("lang", isLanguage, wordList(languages));
  const std::string chosenTheme = take("theme", &isTheme, "auto, light, dark or inportal");
  view.live = take("live", isSwitch, "0 or 1") == "1";
  // Links inside a frame need no parameter `embed`, since the browser names the frame.
  view.embedded = take("embed", isSwitch, "0 or 1") == "1" || request.fetchDestination == "iframe" ||
                  request.fetchDestination == "frame";
  view.themeChosenByAddress = isTheme(chosenTheme);
  for (const std::string& theme : {chosenTheme, view.embedded ? cookieValue(request.cookies, "frame_theme")
                                                              : cookieValue(request.cookies, "theme")}) {
    if (!isTheme(theme)) continue;
    view.theme = theme;
    break;
  }
  view.language = acceptedLanguage(request.acceptLanguage, languages);
  for (const std::string& language : {chosenLanguage, cookieValue(request.cookies, "lang")}) {
    if (!isOneOf(language, languages)) continue;
    view.language = language;
    break;
  }
  request.view = view;
  return problem;
}

std::string cookieFor(const std::string& name, const std::string& value, const std::string& basePath,
                      const std::string& seconds) {
  return std::string(kCookiePrefix) + name + "=" + value + "; Path=" + basePath + "; Max-Age=" + seconds +
         "; HttpOnly; SameSite=Lax";
}

std::string choiceCookie(const std::string& name, const std::string& value, const std::string& basePath) {
  return cookieFor(name, value, basePath, kYearSeconds);
}

}  // namespace taskqueue::web
