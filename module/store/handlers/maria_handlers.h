// Keeps handlers, their limits and pauses in MariaDB.
#pragma once

#include "module/queue/store/handler_store.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class MariaHandlers : public HandlerStore {
 public:
  explicit MariaHandlers(StoreContext& context) : context_(context), connection_(context.connection) {}

  std::vector<HandlerDeclaration> findHandlers() override;
  std::optional<HandlerDeclaration> findHandler(std::string_view taskHandlerClass) override;
  using HandlerStore::setPaused;
  bool setPaused(PauseKind kind, std::string_view name, bool paused, int byId,
                 const PauseTerms& terms) override;
  int endPauses() override;
  std::vector<Pause> findPauses() override;
  HandlerLimits setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                std::optional<int> maxRunningPerKey, int byId) override;
  RunnerLimit findRunnerLimit() override;
  bool setTaskRunnerLimit(int limit, std::optional<int> onlyIf) override;

 private:
  bool pause(PauseKind kind, std::string_view name, int byId, const PauseTerms& terms);

  StoreContext& context_;
  Connection& connection_;
};

}  // namespace taskqueue::store
