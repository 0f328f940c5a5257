#include "module/platform/setting_kinds.h"

#include <algorithm>

namespace taskqueue::platform {
namespace {

constexpr std::int64_t kMaxMilliseconds = 3600LL * 1000;

}  // namespace

std::chrono::seconds secondsOf(SettingsFile& file, const std::string& key, std::chrono::seconds defaultValue,
                               std::int64_t min) {
  return std::chrono::seconds(file.number(key, defaultValue.count(), min, kMaxSeconds));
}

std::chrono::milliseconds millisecondsOf(SettingsFile& file, const std::string& key,
                                         std::chrono::milliseconds defaultValue) {
  return std::chrono::milliseconds(file.number(key, defaultValue.count(), 1, kMaxMilliseconds));
}

std::optional<ProcessOwner> ownerOf(SettingsFile& file, const std::string& key) {
  const std::string name = file.text(key, "");
  if (name.empty()) return std::nullopt;
  auto found = findProcessOwner(name);
  if (!found) file.refuse(key, "names no user of this machine: " + name);
  return found;
}

bool isIdentifier(std::string_view name) {
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

std::string identifier(SettingsFile& file, const std::string& key, const std::string& defaultValue,
                       bool mayBeEmpty, std::size_t longest) {
  const std::string rule = "at most " + std::to_string(longest) + " letters, digits and '_'";
  std::string name = file.text(key, defaultValue);
  if (name.empty() && !mayBeEmpty) file.refuse(key, "is missing: " + rule);
  if (name.size() > longest || !isIdentifier(name)) file.refuse(key, "must be " + rule);
  return name;
}

std::string absolutePath(SettingsFile& file, const std::string& key, const std::string& defaultValue) {
  std::string path = file.text(key, defaultValue);
  if (!path.empty() && path.front() != '/') file.refuse(key, "must be an absolute path");
  return path;
}

void refuseOthers(SettingsFile& file, const std::string& section, const std::string_view* known,
                  std::size_t count) {
  for (const std::string& key : file.namesIn(section)) {
    if (std::find(known, known + count, key) != known + count) continue;
    std::string list;
    for (const std::string_view* name = known; name != known + count; ++name)
      list.append(list.empty() ? "" : ", ").append(*name);
    file.refuse(section + "." + key, "is not a setting; known here: " + list);
  }
}

}  // namespace taskqueue::platform
