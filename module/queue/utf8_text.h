// Text in UTF-8: counting and cutting it without breaking a character.
#pragma once

#include <string_view>

namespace taskqueue {

// Whether the byte is one of a character's that is not its first.
bool continuesCharacter(char c);

int countCharacters(std::string_view text);

// The longest beginning of whole characters that fits into this many bytes.
std::string_view cutAtCharacter(std::string_view text, std::size_t bytes);

}  // namespace taskqueue
