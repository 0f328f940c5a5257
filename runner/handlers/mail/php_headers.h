// Headers as PHP's serialize() writes an array of them, which is how the CMS keeps them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "runner/mail/compose.h"

namespace taskqueue::handlers {

// Whether the text is what serialize() makes, of whatever, and not headers as they stand in a mail.
bool isSerializedByPhp(std::string_view text);

// Of `a:N:{…}` with names as keys and texts, numbers or truth values as values. Nothing when it is anything
// else.
std::optional<std::vector<mail::HeaderField>> parsePhpHeaders(std::string_view text);

}  // namespace taskqueue::handlers
