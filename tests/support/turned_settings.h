// Global settings of a MariaDB server turned to values that an administrator may have chosen, and back.
#pragma once

#include <string>
#include <vector>

#include "tests/support/mariadb_server.h"

namespace taskqueue::test_support {

struct ServerSetting {
  std::string name;
  std::string value;  // as SET takes it
};

// One hostile value, or more, of each session variable that our statements could rest on.
const std::vector<ServerSetting>& hostileSettings();

// Turned until this object ends. Sessions that exist already keep what they have.
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
