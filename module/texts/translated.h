// Translates templates.
#pragma once

#include <string>

#include "module/texts/catalogue.h"

namespace taskqueue {

// Replaces each {{#t}}Text{{/t}} by its translation. Throws std::runtime_error with the path if a {{#t}} has
// no end.
std::string translated(const std::string& text, const Catalogue& catalogue, const std::string& path);

}  // namespace taskqueue
