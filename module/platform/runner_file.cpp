#include "module/platform/runner_file.h"

namespace taskqueue::platform {

std::string runnerFile(const Configuration& configuration, const std::string& kind, int taskRunnerId) {
  if (configuration.runner.runDirectory.empty()) return "";
  std::string name = kind + "-" + configuration.database.name + "-" + configuration.database.tablePrefix;
  for (char& c : name) {
    const bool isPlain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!isPlain) c = '-';
  }
  return configuration.runner.runDirectory + "/" + name + "-" + std::to_string(taskRunnerId);
}

}  // namespace taskqueue::platform
