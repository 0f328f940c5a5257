// Headers as PHP's serialize() writes an array of them, which is how the CMS keeps them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "runner/mail/compose.h"

namespace taskqueue::handlers {

// Of `a:N:{…}` with names as keys and texts, numbers or truth values as values. Nothing when it is anything
// else.
std::optional<std::vector<mail::HeaderField>> parsePhpHeaders(std::string_view text);

}  // namespace taskqueue::handlers
