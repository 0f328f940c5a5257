// The values of Content-Transfer-Encoding (RFC 2045), in lower case.
#pragma once

#include <string_view>

namespace taskqueue::mail {

// Whether it is one of the five of the RFC; empty is none.
bool isKnownEncoding(std::string_view encoding);

// base64 and quoted-printable, behind which the content is something else.
bool isOpaque(std::string_view encoding);

// Whether a reader finds nothing in the text that the encoding does not allow.
bool isEncodedAs(std::string_view encoding, std::string_view text);

}  // namespace taskqueue::mail
