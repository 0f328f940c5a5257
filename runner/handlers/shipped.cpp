#include "runner/handlers/shipped.h"

#include "module/store/from_configuration.h"
#include "runner/handlers/echo.h"
#include "runner/handlers/noop.h"
#include "runner/handlers/product_import/product_import.h"

namespace taskqueue::handlers {

std::vector<HandlerEntry> shippedHandlers(const platform::Configuration& configuration) {
  std::vector<HandlerEntry> handlers;
  handlers.push_back(makeNoop());
  handlers.push_back(makeEcho());
  if (!configuration.productImport.directory.empty()) {
    handlers.push_back(makeProductImport(configuration.productImport,
                                         store::connectionSettings(configuration.database),
                                         store::tableNames(configuration.database)));
  }
  return handlers;
}

}  // namespace taskqueue::handlers
