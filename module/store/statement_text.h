// A statement with its values in its text, for a server that lets no more statements be prepared.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "module/store/value.h"

namespace taskqueue::store {

// The inside of a literal in single quotes.
using Escape = std::function<std::string(std::string_view)>;

// Each '?' of the text outside of quotes gives way to the next value. Throws StoreError(Broken) when there
// are more of one than of the other.
std::string withValues(std::string_view text, const std::vector<Value>& values, const Escape& escape);

}  // namespace taskqueue::store
