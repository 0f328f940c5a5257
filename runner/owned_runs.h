// The runs that this runner owns as far as it knows, compared with what the database says.
//
// Thread rule: the database thread alone calls it.
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "module/queue/task_queue.h"
#include "runner/outbox.h"

namespace taskqueue::runner {

class OwnedRuns {
 public:
  struct Difference {
    int unknown = 0;        // runs that were released, because only the database had them
    std::vector<int> lost;  // ids of the runs that this runner owns no longer
  };

  bool isEmpty() const { return owned_.empty(); }
  void add(const std::vector<ClaimedRun>& claimed);
  void remove(const SyncRequest& written);
  // Compares the database's list with ours. A run that only the database has was claimed by a sync whose
  // COMMIT was lost: its release goes into the outbox. A run that only we have was taken from us.
  Difference reconcile(std::span<const RunOwnership> ofDatabase, Outbox& outbox);
  // Puts a release of each run into the outbox.
  void releaseAll(Outbox& outbox) const;

 private:
  std::unordered_map<int, RunOwnership> owned_;  // by run id
};

}  // namespace taskqueue::runner
