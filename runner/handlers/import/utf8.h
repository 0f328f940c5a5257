// UTF-8 functions that only the import needs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskqueue::handlers {

// Returns the bytes of the widest character of valid UTF-8, or 0 for an empty text.
int widestCharacterOf(std::string_view text);

// Cuts valid UTF-8 to at most `bytes`, between two characters, and appends "…" if it cut something.
std::string makeExcerpt(std::string_view text, std::size_t bytes);

}  // namespace taskqueue::handlers
