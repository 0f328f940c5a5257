// Keeps runners in MariaDB, and the runs that they claim and end.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "module/queue/store/runner_store.h"
#include "module/store/claim/claimer.h"
#include "module/store/claim/priority_corrector.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

// Says which ends a sync may write before it has looked at the rows of their runs.
enum class Trust { PlainEnds, None };

class MariaRunners : public RunnerStore {
 public:
  MariaRunners(StoreContext& context, std::chrono::milliseconds settling)
      : context_(context),
        connection_(context.connection),
        claimer_(context, settling),
        priorities_(context) {}

  int registerRunner(const NewRunner& runner, std::span<const HandlerDeclaration> handlers) override;
  void announceHandlers(int taskRunnerId, std::span<const HandlerDeclaration> handlers) override;
  std::vector<RunOwnership> activeRuns(int taskRunnerId) override;
  HeartbeatResult heartbeat(int taskRunnerId, const RunnerCondition& condition) override;
  SyncResult sync(const SyncRequest& request) override;
  std::int64_t newestTask() override;
  void endRunner(int taskRunnerId) override;
  bool timeOutRunner(int taskRunnerId, const RescuePolicy& policy) override;
  std::vector<int> findEndedRunnersWithRuns(int limit) override;
  std::vector<Runner> findRunners(bool onlyRunning, int limit) override;
  bool requestDrain(int taskRunnerId) override;
  bool requestStop(int taskRunnerId) override;
  void count(Counter counter, std::int64_t by) override;

 private:
  SyncResult claimNamed(const SyncRequest& request);
  SyncResult syncOnce(const SyncRequest& request, const std::optional<ClaimCursor::DueScan>& scan,
                      Trust trust);
  // Writes the runner's handlers inside the transaction of the change.
  void writeAnnouncement(int taskRunnerId, std::span<const HandlerDeclaration> handlers);
  // Lets parked tasks of the last announcement wait again, one transaction at each call. Returns true when it
  // did anything.
  bool unparkAnnounced();

  StoreContext& context_;
  Connection& connection_;
  Claimer claimer_;
  PriorityCorrector priorities_;
  std::vector<std::string> stillParked_;  // announced classes of which tasks may still be parked
};

}  // namespace taskqueue::store
