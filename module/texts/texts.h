// Sentences that C++ makes for a page, in the language of its reader. Numbers and names go where %1, %2 …
// stand.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "module/texts/catalogue.h"

namespace taskqueue {

// The text with the values where %1, %2 … stand.
std::string filledIn(std::string_view text, const std::vector<std::string>& values);

class Texts {
 public:
  explicit Texts(const Catalogue& catalogue) : catalogue_(&catalogue) {}

  const std::string& language() const { return catalogue_->language(); }

  // xgettext finds the texts by the names of these two methods (templates/locale/update).
  std::string text(std::string_view english, std::initializer_list<std::string_view> values = {}) const;
  std::string text(std::string_view english, const std::vector<std::string>& values) const {
    return filledIn(catalogue_->of(english), values);
  }
  // %1 is the number.
  std::string plural(std::string_view one, std::string_view many, std::int64_t number,
                     std::initializer_list<std::string_view> further = {}) const;
  // With the language's separators of thousands.
  std::string number(std::int64_t number) const;

 private:
  const Catalogue* catalogue_;
};

}  // namespace taskqueue
