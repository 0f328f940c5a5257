// Address lists, parsed by GMime in its strict mode. Extra checks make sure that no part of a list is dropped
// silently.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/mail/mime/gmime_pointers.h"
#include "runner/mail/mime/refused.h"

namespace taskqueue::mail {

class AddressList {
 public:
  // Separators are commas and semicolons. `what` names the list in an error, such as `To`. Throws Refused.
  static AddressList read(std::string_view what, std::string_view text);
  // Reads a text that must contain exactly one mailbox.
  static AddressList readOne(std::string_view what, std::string_view text);

  // All mailboxes in order, including those in groups. Empty when all groups are empty.
  const std::vector<Mailbox>& mailboxes() const { return mailboxes_; }

  // Returns the header's lines with CRLF: as written if they are valid in a mail, else encoded and folded.
  std::string header(std::string_view name) const;

 private:
  AddressList() = default;

  ObjectPointer<InternetAddressList> list_;
  std::vector<Mailbox> mailboxes_;
  std::string written_;  // empty: the original text is not valid in a mail
};

}  // namespace taskqueue::mail
