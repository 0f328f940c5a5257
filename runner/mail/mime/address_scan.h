// Checks the structure of an address list before GMime reads it. GMime silently skips some parts that it does
// not understand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskqueue::mail {

struct AddressScan {
  std::string problem;             // empty: the list is well formed
  std::string text;                // the list, with commas in place of separating semicolons
  std::size_t elements = 0;        // non-empty elements, including those in groups
  bool commentBesideName = false;  // GMime would drop such a comment
};

AddressScan scanAddresses(std::string_view list);

}  // namespace taskqueue::mail
