// A flash line says once, on the next page, what a form's action did. It travels in a signed cookie.
#pragma once

#include <kainjow/mustache.hpp>
#include <optional>
#include <string>

#include "module/texts/texts.h"
#include "module/web/access.h"

namespace taskqueue::web {

struct Flash {
  std::string word;     // names the sentence; flash.cpp lists them
  std::string subject;  // the Id or name that the sentence, its link and its undo are about
};

// Returns the Set-Cookie header that hands the flash line to the next page of this user.
std::string flashCookie(const Flash& flash, const std::string& user, const Authorizer& authorizer,
                        const std::string& basePath);
// Returns the Set-Cookie header that ends it.
std::string endedFlashCookie(const std::string& basePath);
// Reads the flash line of a request. It returns nothing if there is none, or if its signature is wrong.
std::optional<Flash> readFlash(const Request& request, const Authorizer& authorizer);
// Makes the values for the layout: text, link, undo. A viewer gets no undo.
kainjow::mustache::data flashValues(const Flash& flash, const Request& request, const Texts& say);

}  // namespace taskqueue::web
