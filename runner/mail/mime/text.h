// Text functions for lines and characters of mails.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskqueue::mail {

inline constexpr std::size_t kLineBytes = 998;  // longest line of a mail, without CRLF (RFC 5322 2.1.1)

bool isControl(char c);
bool isPrintableAscii(std::string_view text);
bool hasControl(std::string_view text);

// Removes blanks, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);
std::string lowered(std::string_view text);

// Replaces each control character by a blank, so that the text is one line.
std::string oneLine(std::string text);

// Returns the bytes of the longest piece without a blank.
std::size_t longestWord(std::string_view text);

// Converts every line end (CR, LF or CRLF) to CRLF.
std::string withCrlf(std::string_view text);

// Tells whether all lines are ASCII of at most 998 bytes, without NUL.
bool isPlainLines(std::string_view text);

// Quotes the beginning of an untrusted text, for an error message.
std::string quoted(std::string_view text);

}  // namespace taskqueue::mail
