// The reason why a mail or an address list is invalid. It is thrown and caught inside the module only.
#pragma once

#include <string>
#include <utility>

#include "runner/mail/mime.h"

namespace taskqueue::mail {

struct Refused {
  Refused(std::string code, std::string text) : refusal{std::move(code), std::move(text)} {}

  Refusal refusal;
};

}  // namespace taskqueue::mail
