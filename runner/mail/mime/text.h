// Lines and characters of a mail.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskqueue::mail {

inline constexpr std::size_t kLineBytes = 998;  // of any line of a mail, without CRLF (RFC 5322 2.1.1)

bool isControl(char c);
bool isPrintableAscii(std::string_view text);
bool hasControl(std::string_view text);

// Without blanks, tabs and line ends at both ends.
std::string_view trimmed(std::string_view text);
std::string lowered(std::string_view text);

// The text with a blank for each control character: it is one line.
std::string oneLine(std::string text);

// The bytes of the longest piece without a blank.
std::size_t longestWord(std::string_view text);

// Every line end, CR, LF or CRLF, as CRLF.
std::string withCrlf(std::string_view text);

// Whether it is lines of at most 998 bytes of ASCII, without NUL.
bool isPlainLines(std::string_view text);

// The beginning of a text of others, in quotes, for a message.
std::string quoted(std::string_view text);

}  // namespace taskqueue::mail
