// The headers of a mail from the CMS. Each header is kept, or the mail is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/mail/mime/addresses.h"

namespace taskqueue::mail {

struct HeaderField {
  std::string name;                      // as written
  std::string lower;                     // the same in lower case
  std::string value;                     // unfolded and trimmed
  std::optional<AddressList> addresses;  // set for headers that contain addresses
};

class MadeHeaders {
 public:
  // Merges repeated lines of To, Cc and Bcc into one list. Any other header that must be unique may repeat
  // only with the same value. Throws Refused.
  static MadeHeaders read(const std::vector<std::string>& lines);

  // Returns the first field with this lower-case name, or nullptr.
  const HeaderField* find(std::string_view lower) const;
  bool has(std::string_view lower) const { return find(lower) != nullptr; }

  // Returns the mailboxes of all headers that name recipients.
  std::vector<Mailbox> recipients() const;

  // Writes all lines except hidden ones and those of the body (`isOfBody`). Throws Refused, naming the
  // invalid header.
  std::string write() const;

 private:
  std::vector<HeaderField> fields_;
};

// Tells whether the header describes the body's format. Such headers are written with the body.
bool isOfBody(std::string_view lower);

}  // namespace taskqueue::mail
