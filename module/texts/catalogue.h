// The texts of one language: a compiled gettext catalogue (.mo), read whole.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue {

class Catalogue {
 public:
  Catalogue() = default;  // English: the texts in the source are the texts
  // Throws std::runtime_error that names the file when it cannot be read or is malformed.
  Catalogue(std::string language, const std::string& path);

  const std::string& language() const { return language_; }

  // The text itself where the catalogue has none.
  std::string_view of(std::string_view english) const;
  // `one` for 1 in English; other languages choose among their own forms.
  std::string_view ofNumber(std::string_view one, std::string_view many, std::int64_t number) const;

 private:
  std::string language_ = "en";
  std::map<std::string, std::vector<std::string>, std::less<>> forms_;  // by the English text
};

// Which of a language's forms goes with the number, as the Plural-Forms of its catalogue say.
std::size_t pluralForm(std::string_view language, std::int64_t number);

}  // namespace taskqueue
