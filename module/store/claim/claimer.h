// Claims due tasks within a sync: finds, locks and judges them, and opens their runs.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "module/queue/sync.h"
#include "module/store/claim/claim_cursor.h"
#include "module/store/claim/due_search.h"
#include "module/store/store_context.h"

namespace taskqueue::store {

class ConcurrencyLimits;
class DueJudge;

class Claimer {
 public:
  Claimer(StoreContext& context, std::chrono::milliseconds settling)
      : context_(context), connection_(context.connection), cursor_(settling) {}

  // Looks up outside a transaction what is due. Returns nothing when there seems to be nothing to claim.
  std::optional<ClaimCursor::DueScan> scanFirst(const SyncRequest& request, SyncResult& result);
  // Claims inside the transaction of the sync. Without a `scan` it makes one.
  void claim(const SyncRequest& request, std::optional<ClaimCursor::DueScan> scan, SyncResult& result);
  // Claims the named tasks that may run, in a transaction that does nothing else.
  void claimNamed(const SyncRequest& request, SyncResult& result);
  // Must be called after COMMIT, so that the next claim begins at the right place.
  void committed(const SyncRequest& request, const SyncResult& result);

 private:
  struct DueTasks;
  struct ClaimWork;
  struct Searched {
    ClaimCursor::PriorityBand band;
    ClaimLine line;
    ClaimCursor::Place upTo;
    bool isAll = false;
  };

  ClaimCursor::DueScan scanDue(const SyncRequest& request);
  void lockDue(const SyncRequest& request, const ClaimCursor::DueScan& scan, ConcurrencyLimits& limits,
               DueTasks& to);
  void lockLine(ClaimWork& work, const ClaimCursor::PriorityBand& band, ClaimLine line);
  void searchLine(ClaimWork& work, const ClaimCursor::PriorityBand& band, ClaimLine line,
                  ClaimCursor::Place behind);
  // Returns the place of the last one.
  std::optional<ClaimCursor::Place> take(std::vector<Row> rows, int claimLimit, DueJudge& judge,
                                         DueTasks& to);
  void setRowsPerLine(const SyncRequest& request, const DueTasks& due);
  void openRuns(int taskRunnerId, DueTasks& due, SyncResult& result);

  StoreContext& context_;
  Connection& connection_;
  ClaimCursor cursor_;
  int rowsPerLine_ = 0;             // how many rows of each line the next claim locks at least
  std::vector<Task> leftToOthers_;  // those that the claim under way has met
  std::vector<Searched> searched_;  // by the claim under way
};

}  // namespace taskqueue::store
