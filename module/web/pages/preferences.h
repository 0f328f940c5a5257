// How a reader wants the pages: by the address, a cookie, or what the browser says of itself, in this order.
#pragma once

#include <string>
#include <vector>

#include "module/web/request.h"

namespace taskqueue::web {

// Reads request.view and takes its parameters (lang, theme, embed, live) out of the query. Says what is wrong
// with one of them, or nothing; what a cookie or the browser says and is not known counts for nothing.
std::string readView(Request& request, const std::vector<std::string>& languages);

// Whether it is one of auto, light, dark, inportal.
bool isTheme(const std::string& word);

// A Set-Cookie header that keeps a choice for a year. The name is "theme", "frame_theme" or "lang".
std::string choiceCookie(const std::string& name, const std::string& value, const std::string& basePath);

}  // namespace taskqueue::web
