// How a mail says in ASCII what is not: base64 for bodies, encoded words for headers.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::mail {

inline constexpr std::size_t kLineBytes = 998;  // of any line of a mail, without CRLF (RFC 5322 2.1.1)

// Base64 in lines of 76, each ended by CRLF.
std::string base64Lines(std::string_view bytes);

// The text with '?' for each byte that is no UTF-8.
std::string validUtf8(std::string text);

// The same, with a blank for each control character.
std::string withoutControls(std::string text);

// Every line end, CR, LF or CRLF, as CRLF.
std::string withCrlf(std::string_view text);

// Whether it is lines of at most 998 bytes of ASCII, without NUL.
bool isPlainLines(std::string_view text);

// One header as it stands in a mail, with CRLF. The name must be a header name; whatever the value holds,
// exactly one header comes out: control characters become blanks, what is no UTF-8 '?', and what is not
// printable ASCII encoded words (RFC 2047). Long lines are folded.
std::string header(std::string_view name, std::string_view value);

// The same for a value that may be folded only at its blanks and must be printable ASCII: addresses,
// parameters.
std::string plainHeader(std::string_view name, std::string_view value);

// A text as encoded words, divided by CRLF and a blank; needs valid UTF-8.
std::string encodedWords(std::string_view text);

bool isPrintableAscii(std::string_view text);

}  // namespace taskqueue::mail
