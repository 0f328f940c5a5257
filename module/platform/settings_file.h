// A configuration file in INI form, read by CLI11's parser. Reading a setting marks it as known. Settings
// that were never read are errors, which name the nearest known setting.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace taskqueue::platform {

// The text is one line that names the wrong setting and how to mend it.
class ConfigurationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class SettingsFile {
 public:
  // Throws ConfigurationError if the file cannot be read or is not INI.
  explicit SettingsFile(const std::string& path);

  // Keys are "section.name". The value must be exactly one word; quotes keep blanks.
  std::string text(const std::string& key, const std::string& defaultValue);
  std::vector<std::string> words(const std::string& key, const std::vector<std::string>& defaultValue);
  std::int64_t number(const std::string& key, std::int64_t defaultValue, std::int64_t min, std::int64_t max);

  // Returns the names X of sections [kind.X] in alphabetical order.
  std::vector<std::string> sectionsOf(const std::string& kind) const;
  // Returns the names of all settings in the section.
  std::vector<std::string> namesIn(const std::string& section) const;

  // Throws ConfigurationError for the first setting that was never read.
  void refuseUnknown() const;

  // Returns one line for each setting that was read, with its key, value, default and allowed values.
  std::vector<std::string> describe() const;

  [[noreturn]] void refuse(const std::string& key, const std::string& problem) const;

 private:
  std::string path_;
  std::map<std::string, std::vector<std::string>> values_;
  // The default of a setting, as written in a file, and the range of its numbers.
  struct Known {
    std::string defaultValue;
    std::string range;
  };
  std::map<std::string, Known> known_;
};

}  // namespace taskqueue::platform
