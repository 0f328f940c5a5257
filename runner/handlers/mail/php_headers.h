// Headers as PHP's serialize() writes an array of them, which is how the CMS keeps them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::handlers {

// Whether the text is what serialize() makes, of whatever, and not headers as they stand in a mail.
bool isSerializedByPhp(std::string_view text);

// The lines "Name: value" of `a:N:{…}` with texts, numbers or truth values as values. A key that is a number
// is no name: its value is a whole line. Nothing when the text is anything else.
std::optional<std::vector<std::string>> parsePhpHeaders(std::string_view text);

}  // namespace taskqueue::handlers
