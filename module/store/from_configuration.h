// Makes the store that a configuration describes, for the main programs.
#pragma once

#include <memory>

#include "module/platform/configuration.h"
#include "module/store/database/server_notices.h"
#include "module/store/maria_store.h"

namespace taskqueue::store {

ConnectionSettings connectionSettings(const platform::DatabaseConfiguration& from);
// `connections` is how many the program opens at once.
ServerNeeds serverNeeds(const platform::Configuration& from, int connections);
TableNames tableNames(const platform::DatabaseConfiguration& from);

// Returns a store that connects at its first statement. It waits for another transaction's lock for at most
// `maxLockWait`, whatever the configuration says.
std::unique_ptr<MariaStore> makeStore(const platform::Configuration& configuration,
                                      std::chrono::seconds maxLockWait = std::chrono::hours(1));

}  // namespace taskqueue::store
