// Why a mail or a list of addresses cannot be taken. Thrown within the module and caught at its border.
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
