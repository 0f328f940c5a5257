#include "module/store/from_configuration.h"

#include <algorithm>
#include <utility>

#include "module/platform/random.h"

namespace taskqueue::store {

ConnectionSettings connectionSettings(const platform::DatabaseConfiguration& from) {
  ConnectionSettings to;
  to.optionFile = from.optionFile;
  to.database = from.name;
  to.connectLimit = from.connectLimit;
  to.statementLimit = from.statementLimit;
  to.lockWait = from.lockWait;
  return to;
}

ServerNeeds serverNeeds(const platform::Configuration& from, int connections) {
  return {from.limits.taskDataBytes, from.runner.outputHeadBytes + from.runner.outputTailBytes, connections};
}

TableNames tableNames(const platform::DatabaseConfiguration& from) {
  return TableNames(from.tablePrefix, from.settingsTable);
}

std::unique_ptr<MariaStore> makeStore(const platform::Configuration& configuration,
                                      std::chrono::seconds maxLockWait) {
  constexpr int kTokenBytes = 16;
  ConnectionSettings settings = connectionSettings(configuration.database);
  settings.lockWait = std::min(settings.lockWait, maxLockWait);
  return std::make_unique<MariaStore>(
      std::move(settings), tableNames(configuration.database),
      [] { return platform::randomHex(kTokenBytes); }, &platform::randomChance);
}

}  // namespace taskqueue::store
