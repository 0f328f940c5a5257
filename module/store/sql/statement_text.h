// Puts the values of a statement into its text, for a server that lets no more statements be prepared.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "module/store/database/value.h"

namespace taskqueue::store {

// Escapes a value for a literal in single quotes.
using Escape = std::function<std::string(std::string_view)>;

// Replaces each '?' outside of quotes by the next value. Throws StoreError(Broken) when there are not as many
// values as '?'.
std::string withValues(std::string_view text, const std::vector<Value>& values, const Escape& escape);

}  // namespace taskqueue::store
