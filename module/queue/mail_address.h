// The e-mail addresses that are taken where no mail is made yet: one narrow rule for the API, the pages, the
// command line and the configuration. The mailer reads more forms, and it takes whatever fits this rule.
#pragma once

#include <string_view>

namespace taskqueue {

inline constexpr const char* kMailAddressRule =
    "must be one e-mail address such as ada@example.org, in ASCII (punycode for other domains)";
inline constexpr const char* kMailSenderRule =
    "must be one e-mail address such as ada@example.org or Ada <ada@example.org>; a name with a comma or "
    "another mark stands in quotes, and the address is ASCII";

// local@domain as in RFC 5321, without quoted local parts, address literals and letters beyond ASCII: nothing
// in it can end a command or a header.
bool isMailAddress(std::string_view text);

// An address, or a name and an address in angle brackets. The name is UTF-8 without control characters; in
// quotes it may hold any mark but a quote and a backslash.
bool isMailSender(std::string_view text);

}  // namespace taskqueue
