// Changes global settings of a MariaDB server to values that an administrator may have chosen, and restores
// them.
#pragma once

#include <string>
#include <vector>

#include "tests/support/mariadb_server.h"

namespace taskqueue::test_support {

struct ServerSetting {
  std::string name;
  std::string value;  // in the syntax of SET
};

// At least one hostile value for each session variable that our statements might depend on.
const std::vector<ServerSetting>& hostileSettings();

// The settings apply until this object ends. Existing sessions keep their values.
class TurnedSettings {
 public:
  TurnedSettings(const MariadbServer& server, std::vector<ServerSetting> settings);
  ~TurnedSettings();
  TurnedSettings(const TurnedSettings&) = delete;
  TurnedSettings& operator=(const TurnedSettings&) = delete;

 private:
  void set(const std::vector<ServerSetting>& settings);

  const MariadbServer& server_;
  std::vector<ServerSetting> before_;
};

}  // namespace taskqueue::test_support
