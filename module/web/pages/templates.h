// Reads the templates of a directory (name.html) once at start, each in every language.
//
// {{#t}}Text{{/t}} is a translatable text and may contain variables. {{> name}} includes another template.
// Both are replaced when the templates are read. Mustache escapes every value.
#pragma once

#include <kainjow/mustache.hpp>
#include <map>
#include <string>
#include <vector>

#include "module/texts/texts.h"

namespace taskqueue::web {

class Templates {
 public:
  // Throws std::runtime_error with the file's name if a template is missing or malformed. The languages are
  // English and those of locale/*.mo in the directory.
  explicit Templates(const std::string& directory);

  std::string render(const std::string& language, const std::string& name,
                     const kainjow::mustache::data& values) const;

  // Returns English texts for an unknown language.
  Texts texts(const std::string& language) const;
  // Returns the language codes, such as "de". They include "en".
  const std::vector<std::string>& languages() const { return languages_; }
  // Changes with the files in static/. It is part of their addresses, so browsers may cache them without
  // limit.
  const std::string& version() const { return version_; }

 private:
  std::vector<std::string> languages_;
  std::string version_;
  std::map<std::string, Catalogue> catalogues_;
  std::map<std::pair<std::string, std::string>, std::string> texts_;  // keyed by language and name
};

}  // namespace taskqueue::web
