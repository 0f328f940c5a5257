// Remedies as templates/remedies.html shows them.
#pragma once

#include <kainjow/mustache.hpp>

#include "module/texts/texts.h"
#include "module/web/remedies.h"

namespace taskqueue::web {

kainjow::mustache::data remedyList(const std::vector<Remedy>& remedies, const Texts& say);

}  // namespace taskqueue::web
