#include "module/platform/settings_file.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

namespace taskqueue::platform {
namespace {

constexpr std::size_t kMaxSettingsBytes = 1 << 20;  // largest size of the file

// Returns the edit distance of two words.
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

// Returns the words as a file would have them.
std::string asCommandLine(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    const bool bare = !word.empty() && word.find_first_of(" ;#\"") == std::string::npos;
    text += (text.empty() ? "" : " ") + (bare ? word : "\"" + word + "\"");
  }
  return text;
}

}  // namespace

SettingsFile::SettingsFile(const std::string& path) : path_(path) {
  // Only plain files are opened: opening a pipe or reading a device could take without end.
  std::error_code failed;
  if (!std::filesystem::is_regular_file(path, failed))
    throw ConfigurationError("cannot read the configuration file " + path);
  std::ifstream file(path);
  if (!file) throw ConfigurationError("cannot read the configuration file " + path);
  std::string content(kMaxSettingsBytes + 1, '\0');
  file.read(content.data(), static_cast<std::streamsize>(content.size()));
  content.resize(static_cast<std::size_t>(file.gcount()));
  if (content.size() > kMaxSettingsBytes) {
    throw ConfigurationError("the configuration file " + path + " is larger than 1 MiB; name another one");
  }
  std::istringstream lines(content);
  try {
    CLI::ConfigINI ini;
    ini.parentSeparator('\n');  // turns nesting off, so that dots stay in section names
    for (const CLI::ConfigItem& item : ini.from_config(lines)) {
      if (item.name == "++" || item.name == "--") continue;  // begin or end of a section
      std::string key;
      for (const std::string& parent : item.parents) key += parent + ".";
      key += item.name;
      if (!values_.emplace(key, item.inputs).second) refuse(key, "stands twice");
      const bool hasNul = std::any_of(item.inputs.begin(), item.inputs.end(), [](const std::string& word) {
        return word.find('\0') != std::string::npos;
      });
      if (hasNul) refuse(key, "holds a NUL byte, where a path or a name would end; take it away");
    }
  } catch (const CLI::Error& error) {
    throw ConfigurationError(path + ": " + error.what());
  }
}

void SettingsFile::refuse(const std::string& key, const std::string& problem) const {
  throw ConfigurationError(path_ + ": " + key + " " + problem);
}

std::vector<std::string> SettingsFile::words(const std::string& key,
                                             const std::vector<std::string>& defaultValue) {
  known_[key].defaultValue = asCommandLine(defaultValue);
  const auto found = values_.find(key);
  return found == values_.end() ? defaultValue : found->second;
}

std::string SettingsFile::text(const std::string& key, const std::string& defaultValue) {
  const auto found = words(key, {defaultValue});
  if (found.size() != 1) refuse(key, "must be one value: put quotes around blanks");
  return found.front();
}

std::int64_t SettingsFile::number(const std::string& key, std::int64_t defaultValue, std::int64_t min,
                                  std::int64_t max) {
  const std::string word = text(key, std::to_string(defaultValue));
  known_[key].range = "from " + std::to_string(min) + " to " + std::to_string(max);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size() || value < min || value > max) {
    refuse(key, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                    ", not '" + word + "'");
  }
  return value;
}

std::vector<std::string> SettingsFile::sectionsOf(const std::string& kind) const {
  std::set<std::string> names;
  const std::string start = kind + ".";
  for (const auto& [key, value] : values_) {
    const auto end = key.rfind('.');
    if (key.starts_with(start) && end > start.size())
      names.insert(key.substr(start.size(), end - start.size()));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> SettingsFile::namesIn(const std::string& section) const {
  std::vector<std::string> names;
  const std::string start = section + ".";
  for (const auto& [key, value] : values_) {
    if (key.starts_with(start)) names.push_back(key.substr(start.size()));
  }
  return names;
}

void SettingsFile::refuseUnknown() const {
  for (const auto& given : values_) {
    const std::string& key = given.first;
    if (known_.contains(key)) continue;
    const auto nearest = std::min_element(known_.begin(), known_.end(), [&](const auto& a, const auto& b) {
      return distance(a.first, key) < distance(b.first, key);
    });
    constexpr std::size_t kLikelySlip = 4;
    const bool close = nearest != known_.end() && distance(nearest->first, key) <= kLikelySlip;
    refuse(key, "is not a setting" + (close ? "; did you mean " + nearest->first + "?" : std::string()));
  }
}

std::vector<std::string> SettingsFile::describe() const {
  std::vector<std::string> lines;
  for (const auto& [key, known] : known_) {
    const auto given = values_.find(key);
    std::string line =
        key + "=" + (given == values_.end() ? known.defaultValue : asCommandLine(given->second));
    if (given != values_.end()) line += "  ; default: " + known.defaultValue;
    if (!known.range.empty()) line += std::string(given == values_.end() ? "  ; " : ", ") + known.range;
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace taskqueue::platform
