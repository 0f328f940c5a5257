// Reads the reader's choices for pages. The address has priority over cookies, and cookies over the browser's
// headers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "module/web/request.h"

namespace taskqueue::web {

// Sets request.view, and removes its parameters (lang, theme, embed, live) from the query. Returns the
// problem of a parameter, or an empty text. Unknown values of cookies and headers are ignored.
std::string readView(Request& request, const std::vector<std::string>& languages);

// Returns whether the word is auto, light, dark or inportal.
bool isTheme(const std::string& word);

// Returns the value of one of our cookies, or an empty text.
std::string cookieValue(std::string_view cookies, const std::string& name);
// Returns a Set-Cookie header for one of our cookies. The value must need no quotes.
std::string cookieFor(const std::string& name, const std::string& value, const std::string& basePath,
                      const std::string& seconds);
// Returns a Set-Cookie header that keeps a choice for a year. The name is "theme", "frame_theme" or "lang".
std::string choiceCookie(const std::string& name, const std::string& value, const std::string& basePath);

}  // namespace taskqueue::web
