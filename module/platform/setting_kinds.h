// Reads settings of certain kinds, for every part of the configuration. Each function refuses values of
// another form.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "module/platform/settings_file.h"

namespace taskqueue::platform {

inline constexpr std::size_t kTableNameBytes = 64;  // MariaDB's limit

// Returns whether the name is safe within SQL text: letters, digits and '_'.
bool isIdentifier(std::string_view name);

// Reads such a name, or the prefix of one.
std::string identifier(SettingsFile& file, const std::string& key, const std::string& defaultValue,
                       bool mayBeEmpty, std::size_t longest = 40);

// Reads an absolute path. The default `defaultValue` is used if the setting is missing.
std::string absolutePath(SettingsFile& file, const std::string& key, const std::string& defaultValue = "");

void refuseOthers(SettingsFile& file, const std::string& section, const std::string_view* known,
                  std::size_t count);

// Refuses settings of the section that are not in `known`.
template <std::size_t Count>
void refuseOthers(SettingsFile& file, const std::string& section,
                  const std::array<std::string_view, Count>& known) {
  refuseOthers(file, section, known.data(), Count);
}

}  // namespace taskqueue::platform
