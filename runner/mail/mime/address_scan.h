// The shape of a list of addresses, before GMime reads it: GMime passes over some of what it does not
// understand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskqueue::mail {

struct AddressScan {
  std::string problem;             // empty: none
  std::string text;                // with a comma for each semicolon that separates
  std::size_t elements = 0;        // that are not empty, those of groups included
  bool commentBesideName = false;  // GMime would lose it
};

AddressScan scanAddresses(std::string_view list);

}  // namespace taskqueue::mail
