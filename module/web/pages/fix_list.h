// Prepares fixes for templates/fixes.html.
#pragma once

#include <kainjow/mustache.hpp>

#include "module/health/fixes.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

kainjow::mustache::data fixList(const std::vector<health::Fix>& fixes, const Texts& say);

}  // namespace taskqueue::web
