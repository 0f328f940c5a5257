// The rule for e-mail addresses in the API, the pages, the command line and the configuration. The mailer
// accepts every address that fits this rule, and other forms too.
#pragma once

#include <string_view>

namespace taskqueue {

inline constexpr const char* kMailAddressRule =
    "must be one e-mail address such as ada@example.org, in ASCII (punycode for other domains)";
inline constexpr const char* kMailSenderRule =
    "must be one e-mail address such as ada@example.org or Ada <ada@example.org>; a name with a comma or "
    "another mark stands in quotes, and the address is ASCII";

// Accepts local@domain as in RFC 5321, but no quoted local parts, address literals or non-ASCII letters. An
// accepted address cannot end a command or a header.
bool isMailAddress(std::string_view text);

// Accepts an address, or a name with an address in angle brackets. The name is UTF-8 without control
// characters. A quoted name may hold any character except quotes and backslashes.
bool isMailSender(std::string_view text);

}  // namespace taskqueue
