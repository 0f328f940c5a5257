// The store that a configuration describes. For the main programs.
#pragma once

#include <memory>

#include "module/platform/configuration.h"
#include "module/store/maria_task_store.h"

namespace taskqueue::store {

ConnectionSettings connectionSettings(const platform::DatabaseConfiguration& from);
TableNames tableNames(const platform::DatabaseConfiguration& from);

// Not connected yet: the first statement does that.
std::unique_ptr<MariaTaskStore> makeStore(const platform::Configuration& configuration);

}  // namespace taskqueue::store
