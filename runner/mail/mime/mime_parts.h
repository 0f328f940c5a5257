// The MIME parts of a body, handled by GMime.
#pragma once

#include <string>

#include "runner/mail/mime/gmime_pointers.h"

namespace taskqueue::mail {

// Re-encodes non-ASCII parameters, such as file names (RFC 2231).
void encodeInUtf8(GMimeParamList* parameters);

// Sets the bytes of the part in the most suitable encoding; every server accepts the result.
void setContent(GMimePart* part, const std::string& bytes);

// Returns nothing for an invalid part.
ObjectPointer<GMimeObject> parsePart(const std::string& headersAndBody);

// Encodes each part that is invalid in a mail, and leaves the others alone. Texts are UTF-8 and are declared
// as UTF-8. Returns what cannot be encoded, or an empty text.
std::string encodeParts(GMimeObject* object);

}  // namespace taskqueue::mail
