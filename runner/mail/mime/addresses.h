// Lists of addresses, read by GMime in its strict mode, and guarded: nothing that stands in a list falls out
// of it without a word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runner/mail/mime/gmime_pointers.h"
#include "runner/mail/mime/refused.h"

namespace taskqueue::mail {

class AddressList {
 public:
  // Separators are commas and semicolons. `what` names the list in a refusal, such as `To`. Throws Refused.
  static AddressList read(std::string_view what, std::string_view text);
  // The same of a text that must name one mailbox.
  static AddressList readOne(std::string_view what, std::string_view text);

  // Those of groups, too, in their order. Empty for groups alone.
  const std::vector<Mailbox>& mailboxes() const { return mailboxes_; }

  // The header's line or lines, with CRLF: as it was written where that may travel, else encoded and folded.
  std::string header(std::string_view name) const;

 private:
  AddressList() = default;

  ObjectPointer<InternetAddressList> list_;
  std::vector<Mailbox> mailboxes_;
  std::string written_;  // empty: it may not travel as it was written
};

}  // namespace taskqueue::mail
