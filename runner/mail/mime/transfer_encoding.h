// The values of Content-Transfer-Encoding (RFC 2045), in lower case.
#pragma once

#include <string_view>

namespace taskqueue::mail {

// Tells whether it is one of the RFC's five encodings; an empty text is not.
bool isKnownEncoding(std::string_view encoding);

// Tells whether it is base64 or quoted-printable, which hide the content.
bool isOpaque(std::string_view encoding);

// Tells whether the text is valid in the encoding.
bool isEncodedAs(std::string_view encoding, std::string_view text);

}  // namespace taskqueue::mail
