// The templates of a directory (name.html), read once at start, each in every language.
//
// {{#t}}Text{{/t}} is a text to translate, variables in it included; {{> name}} puts another template there.
// Both are done when the templates are read. Mustache escapes every value.
#pragma once

#include <kainjow/mustache.hpp>
#include <map>
#include <string>
#include <vector>

#include "module/texts/texts.h"

namespace taskqueue::web {

class Templates {
 public:
  // Throws std::runtime_error that names the file when one is missing or malformed. The languages are those
  // of locale/*.mo in the directory, and English.
  explicit Templates(const std::string& directory);

  std::string render(const std::string& language, const std::string& name,
                     const kainjow::mustache::data& values) const;

  // English where the language is none of ours.
  Texts texts(const std::string& language) const;
  // Their codes, such as "de"; "en" is among them.
  const std::vector<std::string>& languages() const { return languages_; }
  // Changes with what stands in static/: part of its addresses, so that browsers may keep it for ever.
  const std::string& version() const { return version_; }

 private:
  std::vector<std::string> languages_;
  std::string version_;
  std::map<std::string, Catalogue> catalogues_;
  std::map<std::pair<std::string, std::string>, std::string> texts_;  // by language and name
};

}  // namespace taskqueue::web
