// Header lines of a mail: folded, with CRLF.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::mail {

// A longer word is encoded, because a line can only be folded at a blank.
inline constexpr std::size_t kLongestWord = 900;

// The value is printable ASCII; it is folded at its blanks only.
std::string foldedHeader(std::string_view name, std::string_view value);

// The text is UTF-8 without control characters. Non-ASCII text, and text that looks like an encoded word,
// becomes encoded words (RFC 2047).
std::string textHeader(std::string_view name, std::string_view text);

}  // namespace taskqueue::mail
