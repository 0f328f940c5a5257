// A configuration file: INI with sections, read by CLI11's parser. Every value that is asked for is marked as
// known; what nobody asked for is an error that names the nearest known setting.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace taskqueue::platform {

// One clear line: which setting is wrong and how to mend it.
class ConfigurationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class SettingsFile {
 public:
  // Throws ConfigurationError when the file cannot be read or is not INI.
  explicit SettingsFile(const std::string& path);

  // Keys are "section.name". The value must have exactly one word (quote it to keep blanks).
  std::string text(const std::string& key, const std::string& otherwise);
  std::vector<std::string> words(const std::string& key, const std::vector<std::string>& otherwise);
  std::int64_t number(const std::string& key, std::int64_t otherwise, std::int64_t least, std::int64_t most);

  // The names X of sections [kind.X], in alphabetical order.
  std::vector<std::string> sectionsOf(const std::string& kind) const;
  // The names of all settings in the section.
  std::vector<std::string> namesIn(const std::string& section) const;

  // Throws ConfigurationError for the first setting that was never asked for.
  void refuseUnknown() const;

  // One line for each setting that was asked for: its key and value, then its default and what else may stand
  // there.
  std::vector<std::string> describe() const;

  [[noreturn]] void refuse(const std::string& key, const std::string& problem) const;

 private:
  std::string path_;
  std::map<std::string, std::vector<std::string>> values_;
  // What is known of a setting: its default, in the file's own words, and the numbers between which it must
  // lie.
  struct Known {
    std::string otherwise;
    std::string range;
  };
  std::map<std::string, Known> known_;
};

}  // namespace taskqueue::platform
