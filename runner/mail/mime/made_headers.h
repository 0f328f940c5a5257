// The headers of a mail that the CMS has made: each is kept, or the mail is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runner/mail/mime/addresses.h"

namespace taskqueue::mail {

struct HeaderField {
  std::string name;                      // as it was written
  std::string lower;                     // the same in lower case
  std::string value;                     // unfolded, without blanks at its ends
  std::optional<AddressList> addresses;  // of the headers that hold some
};

class MadeHeaders {
 public:
  // Two lines of To, Cc or Bcc become one list; a second line of any other header that a mail may have once
  // is refused unless it says the same. Throws Refused.
  static MadeHeaders read(const std::vector<std::string>& lines);

  // The first field of this name in lower case; nullptr: none.
  const HeaderField* find(std::string_view lower) const;
  bool has(std::string_view lower) const { return find(lower) != nullptr; }

  // Of the headers that name those who get the mail.
  std::vector<Mailbox> recipients() const;

  // All lines but those that are never shown and those of the body (`isOfBody`). Throws Refused, which names
  // what may not travel.
  std::string write() const;

 private:
  std::vector<HeaderField> fields_;
};

// Headers that say how the body is to be read. They are written with the body.
bool isOfBody(std::string_view lower);

}  // namespace taskqueue::mail
