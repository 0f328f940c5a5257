// What an import must know about UTF-8 besides what module/queue does.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskqueue::handlers {

// Of valid UTF-8: how many bytes the widest character has (0 for an empty text).
int widestCharacterOf(std::string_view text);

// The first bytes of valid UTF-8, cut between characters, with "…" when something was cut off.
std::string excerptOf(std::string_view text, std::size_t bytes);

}  // namespace taskqueue::handlers
