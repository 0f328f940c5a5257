// Reads settings of certain kinds, for every part of the configuration. Each function refuses values of
// another form.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "module/platform/process_owner.h"
#include "module/platform/settings_file.h"

namespace taskqueue::platform {

inline constexpr std::size_t kTableNameBytes = 64;  // MariaDB's limit

inline constexpr std::int64_t kMaxSeconds = 366LL * 86400;

// Reads a time in seconds, from `min` to kMaxSeconds.
std::chrono::seconds secondsOf(SettingsFile& file, const std::string& key, std::chrono::seconds defaultValue,
                               std::int64_t min = 1);

// Reads a time in milliseconds, from 1 to those of an hour.
std::chrono::milliseconds millisecondsOf(SettingsFile& file, const std::string& key,
                                         std::chrono::milliseconds defaultValue);

// Reads the name of a user of this machine; absent: it is not set.
std::optional<ProcessOwner> ownerOf(SettingsFile& file, const std::string& key);

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
