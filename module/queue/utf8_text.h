// Functions that check UTF-8 text, count its characters, and cut it between characters.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace taskqueue {

// Returns whether the byte continues a character, so is not its first byte.
bool continuesCharacter(char c);

// Returns whether the text has a control character (control_characters.h).
bool hasControlBytes(std::string_view text);

int countCharacters(std::string_view text);

// Returns the longest prefix of complete characters that fits into this many bytes.
std::string_view cutAtCharacter(std::string_view text, std::size_t bytes);

// A message quotes at most this many bytes of a sender's word.
inline constexpr std::size_t kQuotedBytes = 100;

// Returns the offset of the first byte that does not begin or continue a character, or nothing when the text
// is valid. Overlong forms and surrogates are invalid (RFC 3629).
std::optional<std::size_t> firstInvalidUtf8(std::string_view text);

}  // namespace taskqueue
