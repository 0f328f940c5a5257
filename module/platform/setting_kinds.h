// Settings of a certain form, for every part of the configuration. Each refuses what has another form.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "module/platform/settings_file.h"

namespace taskqueue::platform {

// A name that becomes part of SQL text: at most 40 letters, digits and '_'.
std::string identifier(SettingsFile& file, const std::string& key, const std::string& otherwise,
                       bool mayBeEmpty);

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
