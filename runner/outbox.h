// The writes of the runner's loop that are not in the database yet: ends, releases and live updates of runs.
// They outlast a database that is unavailable, that rejects a write, or whose rows are locked.
//
// Thread rule: add(), hasWrites(), hasLiveUpdates(), hasOutput() and describe() may be called from any
// thread. The database thread alone calls all others. The journal's functions run on it and without the lock.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "module/queue/task_queue.h"

namespace taskqueue::runner {

// Returns the bytes of the outputs and Results that an end holds.
std::size_t keptBytes(const RunEnd& end);

class Outbox {
 public:
  // DatabaseThread::Callbacks describes these functions. Both may be empty.
  struct Journal {
    std::function<bool(std::span<const RunEnd>)> onJournal;
    std::function<void()> onAllWritten;
  };

  explicit Outbox(Journal journal) : journal_(std::move(journal)) {}

  void add(RunEnd end);
  void add(RunRelease release);
  // Only the newest report of a run counts: it replaces an older one that is not yet written.
  void add(RunProgress progress);
  void add(OutputChunk chunk);

  bool hasWrites() const;  // ends or releases wait; locked ones do not count
  bool hasLiveUpdates() const;
  bool hasOutput() const;
  // Says how many ends wait to be written, and for how long.
  void describe(RunnerCondition& condition) const;

  // Moves what the next transaction writes into `request`. Returns false when the request must contain
  // nothing else, because the database rejected or locked a write.
  bool take(SyncRequest& request);
  // The request has been written. Live updates may be written again.
  void written(const SyncRequest& request);
  // The request could not be written. Its live updates are dropped.
  void giveBack(SyncRequest request);
  // Returns whether the end or release of this run is still unwritten.
  bool isBeingWritten(int runId) const;
  bool isEmpty() const;  // no end and no release waits, not even a locked one

  // Handle a request that failed. They return false when they can do nothing about it; the request is
  // unchanged then.
  bool isolateRejectedWrite(SyncRequest& request, const std::string& problem);
  bool deferLocked(SyncRequest& request, const std::string& problem);
  // Lets locked writes be tried again, if their wait is over or `now` is set.
  void requeueLocked(bool now);
  // Puts locked writes back, because the database is unavailable.
  void unlockAll();

  // Keeps ends on disk that are not there yet. A failure is retried at the next call.
  void journalEnds();
  // Everything on disk has reached the database.
  void dropJournaledEnds();

 private:
  using Clock = std::chrono::steady_clock;

  void takeOne(SyncRequest& request);  // with mutex_ held
  bool nothingIsLocked() const { return locked_.ends.empty() && locked_.releases.empty(); }

  const Journal journal_;

  mutable std::mutex mutex_;
  SyncRequest pending_;  // guarded by mutex_
  // Maps the run token to the time since when the run's end waits to be written. Guarded by mutex_.
  std::unordered_map<std::string, Clock::time_point> endedOn_;

  // The following members are used by the database thread only.
  std::unordered_set<std::string> journaled_;  // tokens of the runs whose ends are on disk
  bool isSerial_ = false;  // writes go one by one, because the database rejected or locked one of them
  // Live updates are dropped until this time, because they could not be written.
  Clock::time_point liveUpdatesAfter_{};
  SyncRequest locked_;  // writes that wait because another session has locked their rows
  Clock::time_point lockedUntil_{};
};

}  // namespace taskqueue::runner
