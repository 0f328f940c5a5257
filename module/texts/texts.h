// Makes sentences for pages in the reader's language. Values replace %1, %2 ….
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "module/texts/catalogue.h"

namespace taskqueue {

// Returns the text with %1, %2 … replaced by the values.
std::string filledIn(std::string_view text, const std::vector<std::string>& values);

class Texts {
 public:
  explicit Texts(const Catalogue& catalogue) : catalogue_(&catalogue) {}

  const std::string& language() const { return catalogue_->language(); }

  // xgettext (templates/locale/update) finds texts by the names `text` and `plural`.
  std::string text(std::string_view english, std::initializer_list<std::string_view> values = {}) const;
  std::string text(std::string_view english, const std::vector<std::string>& values) const {
    return filledIn(catalogue_->of(english), values);
  }
  // The number replaces %1, and the further values %2 ….
  std::string plural(std::string_view one, std::string_view many, std::int64_t number,
                     std::initializer_list<std::string_view> further = {}) const;
  // Formats a number with the language's thousands separator.
  std::string number(std::int64_t number) const;

 private:
  const Catalogue* catalogue_;
};

}  // namespace taskqueue
