// Repairs, makes and prunes rows of MariaDB for an overseer pass.
#pragma once

#include "module/queue/store/maintenance_store.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class MariaMaintenance : public MaintenanceStore {
 public:
  explicit MariaMaintenance(StoreContext& context) : context_(context), connection_(context.connection) {}

  std::vector<int> findTasksMissingRun(int limit) override;
  std::optional<int> createRunIfAllowed(int taskQueueId) override;
  std::vector<int> findInconsistentTasks(int limit) override;
  bool recountTask(int taskQueueId) override;
  PrunedTasks pruneTasks(UnixSeconds endedBefore, int max) override;
  int pruneRecords(RecordKind kind, UnixSeconds before, int max) override;
  void markOverseer() override;
  std::optional<UnixSeconds> overseerMarkedOn() override;
  void markFallbackPass() override;
  OverseerFacts findOverseerFacts() override;

 private:
  StoreContext& context_;
  Connection& connection_;
};

}  // namespace taskqueue::store
