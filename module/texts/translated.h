// A template in the language of a catalogue.
#pragma once

#include <string>

#include "module/texts/catalogue.h"

namespace taskqueue {

// Each {{#t}}Text{{/t}} as the catalogue says it. Throws std::runtime_error that names the path when one has
// no end.
std::string translated(const std::string& text, const Catalogue& catalogue, const std::string& path);

}  // namespace taskqueue
