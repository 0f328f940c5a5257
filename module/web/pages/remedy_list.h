// Remedies as templates/remedies.html shows them.
#pragma once

#include <kainjow/mustache.hpp>

#include "module/health/remedies.h"
#include "module/texts/texts.h"

namespace taskqueue::web {

kainjow::mustache::data remedyList(const std::vector<health::Remedy>& remedies, const Texts& say);

}  // namespace taskqueue::web
