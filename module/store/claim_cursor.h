// Where the due tasks of each queue stand in the index Claim, as far as this connection has seen: which of
// the priorities 0 to 9 there are, and how far each has been worked off. Rows with any other priority are met
// by MariaTaskStore::correctPriorities() and nowhere else.
//
// A claimed task leaves its entry in the index until no open snapshot can need it any more, and a claim that
// begins at the head passes over all of them: 27 ms for 50,000. So a claim begins where the earlier ones have
// come to. What turns up before that place (a row that an editor put back, a transaction that took long to
// commit) is found from the start, once a second, or less often where that takes long.
//
// Belongs to one thread, as the connection does.
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
#include "module/store/connection.h"

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
    // Rows that nobody has looked at yet (NextRunOn 0) are claimed from Ids above this on, all others behind
    // `after`.
    std::int64_t afterNewId = 0;
    Place after;
    // How many rows are there that nobody has looked at, at most as many as were asked for. A claim asks for
    // no more: behind the last of them stand the entries of all the tasks that were claimed, and a locking
    // statement would walk over them up to the first that is live.
    std::int64_t newRows = 0;
    bool anyTimed = false;  // others are due
  };

  struct DueScan {
    std::vector<PriorityBand> due;                // in the order in which they are to be claimed
    std::optional<std::int64_t> secondsUntilDue;  // of the next task; nothing: none waits
    bool isFullScan = false;
    bool anyLimit = false;  // of a handler: tasks may be parked for which there is room by now
  };

  // A place counts after so long: who drew an earlier Id has committed by then as a rule.
  static constexpr std::chrono::milliseconds kSettling{100};
  // A priority in which nothing has waited for so long is forgotten, and found again when something does.
  static constexpr std::chrono::milliseconds kKept{30000};

  explicit ClaimCursor(std::chrono::milliseconds settling, std::chrono::milliseconds kept = kKept)
      : settling_(settling), kept_(kept) {}

  // What is due in these queues, for a claim that locks at most `limit` rows of each priority. One statement
  // a queue, and one more when a priority is seen for the first time, which is at most ten times. May be
  // called inside a transaction or outside.
  DueScan scan(Connection& connection, std::span<const std::string> queues, int limit);

  // Tasks up to this one were claimed, and that was committed. One that stood before the place where claims
  // begin may not be the only one there: they begin at the head again.
  void claimedUpTo(const Task& task);

  // Tasks up to this one are for other runners. They are met again from the start.
  void passedOver(const Task& task);

  // How far a search for tasks of this runner has come behind tasks that it may not claim (DueSearch). A
  // search that has come to the end begins anew at the next full scan, for rows that turned up before its
  // place.
  Place searchFrom(const PriorityBand& band, bool isNewRows, bool isFullScan);
  void searchedTo(const PriorityBand& band, bool isNewRows, const Place& place, bool isAll);

  // A task went back to this NextRunOn, and that was committed: claims begin before it again.
  void released(UnixSeconds nextRunOn);

  // A full scan, with the claim that followed it, took so long.
  void fullScanTook(std::chrono::steady_clock::duration took);

  // How many priorities of the queue each look asks about.
  std::size_t countKnown(const std::string& queue) const;

 private:
  using Clock = std::chrono::steady_clock;

  struct Progress {
    std::optional<Place> settled;  // old enough to be believed
    std::optional<Place> latest;
    Clock::time_point latestSince{};
    std::optional<Place> searched;  // searchedTo()
    bool isAllSearched = false;
  };
  struct Reached {
    Progress seen;                              // rows with a time
    Progress newRows;                           // rows with NextRunOn 0
    Clock::time_point waitedOn = Clock::now();  // when something waited last
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
  UnixSeconds now_ = 0;                                    // the database's, when it was looked at last
  Clock::time_point nextFullScan_{};
  std::chrono::milliseconds settling_;
  std::chrono::milliseconds kept_;
};

}  // namespace taskqueue::store
