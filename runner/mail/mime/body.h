// The body of a mail, in a form that every server lets through: lines of at most 998 bytes of ASCII.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::mail {

// Content-Type, Content-Transfer-Encoding, an empty line and the body: a text, HTML, or both to choose from.
std::string composedBody(const std::string& text, const std::string& html);

// The same of a body that was made elsewhere; `type` and `encoding` are the values of its two headers, empty
// where there is none. It is kept byte for byte, apart from its line ends, where it may travel so. Otherwise
// the parts that may not are encoded. Throws Refused, which says what cannot be.
std::string madeBody(const std::string& type, const std::string& encoding, std::string_view body);

}  // namespace taskqueue::mail
