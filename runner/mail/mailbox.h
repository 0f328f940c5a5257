// Who writes or gets a mail: an address that is fit to stand in an SMTP command, and a name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::mail {

inline constexpr const char* kAddressRule =
    "must be one address such as ada@example.org or Ada <ada@example.org>, in ASCII (punycode for other "
    "domains)";

// local@domain as in RFC 5321, without quoted local parts, address literals and letters beyond ASCII: nothing
// in it can end a command or a header.
bool isAddress(std::string_view text);

// Immutable; always holds an address.
class Mailbox {
 public:
  // "a@b.c", "Name <a@b.c>" or "\"Name, with comma\" <a@b.c>". Nothing when it is none of these, or when the
  // name is no valid UTF-8 or has control characters.
  static std::optional<Mailbox> parse(std::string_view text);

  const std::string& address() const { return address_; }
  const std::string& name() const { return name_; }  // empty: none
  std::string_view domain() const;

 private:
  Mailbox(std::string name, std::string address) : name_(std::move(name)), address_(std::move(address)) {}

  std::string name_;
  std::string address_;
};

// The parts of a list that is separated by commas or semicolons, trimmed; those in quotes or in <> do not
// separate. Empty parts are left out.
std::vector<std::string> splitMailboxes(std::string_view list);

}  // namespace taskqueue::mail
