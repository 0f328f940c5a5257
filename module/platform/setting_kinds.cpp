#include "module/platform/setting_kinds.h"

#include <algorithm>

namespace taskqueue::platform {

std::string identifier(SettingsFile& file, const std::string& key, const std::string& otherwise,
                       bool mayBeEmpty) {
  constexpr std::size_t kLongest = 40;
  std::string name = file.text(key, otherwise);
  const bool fits =
      name.size() <= kLongest && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      });
  if (name.empty() && !mayBeEmpty) file.refuse(key, "is missing: at most 40 letters, digits and '_'");
  if (!fits) file.refuse(key, "must be at most 40 letters, digits and '_'");
  return name;
}

std::string absolutePath(SettingsFile& file, const std::string& key, const std::string& otherwise) {
  std::string path = file.text(key, otherwise);
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
