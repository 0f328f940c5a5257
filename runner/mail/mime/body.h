// The body of a mail, in a form that every server accepts: ASCII lines of at most 998 bytes.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::mail {

// Returns Content-Type, Content-Transfer-Encoding, an empty line and the body. With both texts, the reader
// chooses.
std::string composedBody(const std::string& text, const std::string& html);

// Does the same for a body composed elsewhere. `type` and `encoding` are the values of its two headers, empty
// if missing. A valid body is kept byte for byte apart from line ends; otherwise its invalid parts are
// encoded. Throws Refused, naming the part that cannot be encoded.
std::string madeBody(const std::string& type, const std::string& encoding, std::string_view body);

}  // namespace taskqueue::mail
