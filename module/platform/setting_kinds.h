// Settings of a certain form, for every part of the configuration. Each refuses what has another form.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "module/platform/settings_file.h"

namespace taskqueue::platform {

inline constexpr std::size_t kTableNameBytes = 64;  // MariaDB's own

// Whether it can become part of SQL text: letters, digits and '_'.
bool isIdentifier(std::string_view name);

// Such a name, or what begins one.
std::string identifier(SettingsFile& file, const std::string& key, const std::string& otherwise,
                       bool mayBeEmpty, std::size_t longest = 40);

// Empty where the setting is missing.
std::string absolutePath(SettingsFile& file, const std::string& key, const std::string& otherwise = "");

void refuseOthers(SettingsFile& file, const std::string& section, const std::string_view* known,
                  std::size_t count);

// Refuses settings of the section that are none of these.
template <std::size_t Count>
void refuseOthers(SettingsFile& file, const std::string& section,
                  const std::array<std::string_view, Count>& known) {
  refuseOthers(file, section, known.data(), Count);
}

}  // namespace taskqueue::platform
