#include "module/store/from_configuration.h"

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

TableNames tableNames(const platform::DatabaseConfiguration& from) {
  return TableNames(from.tablePrefix, from.settingsTable);
}

std::unique_ptr<MariaTaskStore> makeStore(const platform::Configuration& configuration) {
  constexpr int kTokenBytes = 16;
  return std::make_unique<MariaTaskStore>(
      connectionSettings(configuration.database), tableNames(configuration.database),
      [] { return platform::randomHex(kTokenBytes); }, &platform::randomChance);
}

}  // namespace taskqueue::store
