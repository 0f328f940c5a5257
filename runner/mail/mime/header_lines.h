// Header lines as they stand in a mail: folded, with CRLF.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::mail {

// A longer word of a text is encoded, since it could be folded nowhere.
inline constexpr std::size_t kLongestWord = 900;

// Of printable ASCII, folded at its blanks only.
std::string foldedHeader(std::string_view name, std::string_view value);

// A text of people in UTF-8 without control characters. What is not printable ASCII becomes encoded words
// (RFC 2047), as does a text that would be taken for them.
std::string textHeader(std::string_view name, std::string_view text);

}  // namespace taskqueue::mail
