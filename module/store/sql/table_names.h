// Knows the names of the tables on this site: they have a prefix, except the CMS's own settings table.
#pragma once

#include <string>
#include <string_view>

namespace taskqueue::store {

class TableNames {
 public:
  // `settingsTable` is the full name of the CMS's settings table; empty means prefix + SystemSettings. Both
  // names must be letters, digits and '_' (checked by the configuration).
  TableNames(std::string prefix, std::string settingsTable);

  const std::string& prefix() const { return prefix_; }
  const std::string& settingsTable() const { return settingsTable_; }

  // Replaces {Name} by the prefixed table name, {Settings} by the settings table; {} stays.
  std::string expand(std::string_view text) const;

 private:
  std::string prefix_;
  std::string settingsTable_;
};

}  // namespace taskqueue::store
