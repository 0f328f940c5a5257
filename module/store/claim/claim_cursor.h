// A ClaimCursor remembers which of the priorities 0 to 9 each queue has in the index Claim, and how far
// claims have come in each. Only PriorityCorrector handles rows with another priority.
//
// A claimed task leaves its entry in the index until no open snapshot needs it. A claim that begins at the
// head passes over all of these: 27 ms for 50,000. So a claim begins where earlier claims ended. A row may
// turn up before that place: an editor restored it, or its transaction took long to commit. A full scan finds
// such rows once a second, or less often where it takes long.
//
// A cursor belongs to one thread, as its connection does.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "module/queue/limits.h"
#include "module/queue/task.h"
#include "module/store/database/connection.h"

namespace taskqueue::store {

inline constexpr int kFirstPriority = 0;
inline constexpr int kLastPriority = QueueLimits{}.priorityLast;

class ClaimCursor {
 public:
  // A place in the order of claims within a priority.
  using Place = std::pair<std::int64_t, std::int64_t>;  // NextRunOn, Id

  struct PriorityBand {
    std::string queue;
    int priority = 0;
    // New rows (NextRunOn = 0) are claimed by Id, starting above this; scheduled rows start after `after`.
    std::int64_t afterNewId = 0;
    Place after;
    // The number of new rows, at most as many as were asked for. A claim locks no more than these: behind
    // them stand the entries of claimed tasks. A locking statement would walk over all of those to the next
    // live row.
    std::int64_t newRows = 0;
    bool anyTimed = false;  // scheduled rows are due
  };

  struct DueScan {
    std::vector<PriorityBand> due;                // in the order of claims
    std::optional<std::int64_t> secondsUntilDue;  // until the next task is due; empty: no task waits
    bool isFullScan = false;
    bool anyLimit = false;  // a handler has a limit: parked tasks may have room by now
  };

  // A place counts once it is this old: by then a transaction that drew an earlier Id has usually committed.
  static constexpr std::chrono::milliseconds kSettling{100};
  // A priority in which no task has waited for this long is forgotten. It is found again when a task waits
  // there.
  static constexpr std::chrono::milliseconds kKept{30000};

  // A cursor with this `settling` makes full scans only, so that each claim sees each row.
  static constexpr std::chrono::hours kNeverSettled{1000000};

  explicit ClaimCursor(std::chrono::milliseconds settling, std::chrono::milliseconds kept = kKept)
      : settling_(settling), kept_(kept) {}

  // Returns what is due in these queues, for a claim that locks at most `limit` rows of each priority. It
  // sends one statement per queue, and one more when it first meets a priority, at most ten times. It may be
  // called inside or outside a transaction.
  DueScan scan(Connection& connection, std::span<const std::string> queues, int limit);

  // Notes that tasks up to this one were claimed and committed. If this one stood before the cursor, others
  // may stand there as well, so claims begin at the head again.
  void claimedUpTo(const Task& task);

  // Notes that tasks up to this one are for other runners. The next full scan finds them again.
  void passedOver(const Task& task);

  // How far a search for tasks of this runner has come behind tasks that it may not claim (DueSearch). A
  // search that has come to the end begins anew at the next full scan, for rows that turned up before its
  // place.
  Place searchFrom(const PriorityBand& band, bool isNewRows, bool isFullScan);
  void searchedTo(const PriorityBand& band, bool isNewRows, const Place& place, bool isAll);

  // A task went back to this NextRunOn, and that was committed: claims begin before it again.
  void released(UnixSeconds nextRunOn);

  // Notes how long a full scan took, together with the claim that followed it.
  void fullScanTook(std::chrono::steady_clock::duration took);

  // Returns how many priorities of the queue each scan asks about.
  std::size_t countKnown(const std::string& queue) const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Progress {
    std::optional<Place> settled;  // old enough that claims begin after it
    std::optional<Place> latest;
    Clock::time_point latestSince{};
    std::optional<Place> searched;  // searchedTo()
    bool isAllSearched = false;
  };
  struct Reached {
    Progress seen;                              // scheduled rows
    Progress newRows;                           // new rows (NextRunOn = 0)
    Clock::time_point waitedOn = Clock::now();  // when a task last waited here
  };

  struct Question {
    std::string text;
    std::vector<Value> parameters;
  };

  Progress& progressOf(const Task& task);
  void advance(Progress& progress, const Place& place) const;
  Question questionFor(const std::string& queue, int limit, bool isFullScan);
  void forgetEmpty(const std::string& queue);
  PriorityBand makeBand(const std::string& queue, int priority, bool isFullScan);
  void scanQueue(Connection& connection, const std::string& queue, int limit, DueScan& scan);

  std::map<std::string, std::map<int, Reached>> reached_;  // by queue and priority
  UnixSeconds now_ = 0;                                    // the database's time at the last scan
  Clock::time_point nextFullScan_{};
  std::chrono::milliseconds settling_;
  std::chrono::milliseconds kept_;
};

}  // namespace taskqueue::store
