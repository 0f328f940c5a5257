// The parts of a body, as GMime sees them.
#pragma once

#include <string>

#include "runner/mail/mime/gmime_pointers.h"

namespace taskqueue::mail {

// Parameters with letters beyond ASCII, such as names of files, are written anew (RFC 2231).
void encodeInUtf8(GMimeParamList* parameters);

// Gives the part these bytes in the encoding that suits them best; every server takes the result.
void setContent(GMimePart* part, const std::string& bytes);

// Nothing when it cannot be read.
ObjectPointer<GMimeObject> parsePart(const std::string& headersAndBody);

// Encodes each part that may not travel as it is, and leaves the others alone. Texts are UTF-8, and are then
// announced so. Returns what cannot be done; empty: nothing.
std::string encodeParts(GMimeObject* object);

}  // namespace taskqueue::mail
