// The texts of one language, read from a compiled gettext catalogue (.mo).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue {

class Catalogue {
 public:
  Catalogue() = default;  // English: returns the source texts unchanged
  // Throws std::runtime_error with the file's name if the file cannot be read or is malformed.
  Catalogue(std::string language, const std::string& path);

  const std::string& language() const { return language_; }

  // Returns the translation, or the English text if there is none.
  std::string_view of(std::string_view english) const;
  // Returns the form for the number. English uses `one` for 1 and -1; other languages have their own plural
  // rules.
  std::string_view ofNumber(std::string_view one, std::string_view many, std::int64_t number) const;

 private:
  std::string language_ = "en";
  std::map<std::string, std::vector<std::string>, std::less<>> forms_;  // translated forms by English text
};

// Returns the index of the plural form for the number, as in the catalogue's Plural-Forms.
std::size_t pluralForm(std::string_view language, std::int64_t number);

}  // namespace taskqueue
