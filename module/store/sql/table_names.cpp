#include "module/store/sql/table_names.h"

#include <utility>

namespace taskqueue::store {

TableNames::TableNames(std::string prefix, std::string settingsTable)
    : prefix_(std::move(prefix)),
      settingsTable_(settingsTable.empty() ? prefix_ + "SystemSettings" : std::move(settingsTable)) {}

std::string TableNames::expand(std::string_view text) const {
  std::string expanded;
  expanded.reserve(text.size() + 64);
  while (true) {
    const auto open = text.find('{');
    if (open == std::string_view::npos) break;
    const auto close = text.find('}', open);
    if (close == std::string_view::npos) break;
    expanded.append(text.substr(0, open));
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (name.empty()) {
      expanded.append("{}");  // an empty JSON object
    } else {
      expanded.append(name == "Settings" ? settingsTable_ : prefix_ + std::string(name));
    }
    text.remove_prefix(close + 1);
  }
  expanded.append(text);
  return expanded;
}

}  // namespace taskqueue::store
