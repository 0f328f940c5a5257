// Headers in the format of PHP's serialize(), in which the CMS stores them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::handlers {

// Tells serialized text, of any PHP value, from headers in mail format.
bool isSerializedByPhp(std::string_view text);

// Returns the lines "Name: value" of `a:N:{…}` with strings, numbers or booleans as values. An entry with a
// numeric key is a whole line. Returns nothing for any other text.
std::optional<std::vector<std::string>> parsePhpHeaders(std::string_view text);

}  // namespace taskqueue::handlers
