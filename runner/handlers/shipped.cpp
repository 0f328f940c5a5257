#include "runner/handlers/shipped.h"

#include "runner/handlers/echo.h"
#include "runner/handlers/noop.h"

namespace taskqueue::handlers {

std::vector<HandlerEntry> shippedHandlers(const platform::Configuration&) {
  std::vector<HandlerEntry> handlers;
  handlers.push_back(makeNoop());
  handlers.push_back(makeEcho());
  return handlers;
}

}  // namespace taskqueue::handlers
