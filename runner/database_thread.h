// The runner's database thread. Each sync is one transaction: it writes what the loop handed over and claims
// new runs. The thread also sends heartbeats and looks for dead peers. While the database is unavailable, it
// keeps everything and retries.
//
// Methods may be called from any thread. Callbacks run on the database thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "module/queue/task_queue.h"
#include "runner/loop_watch.h"

namespace taskqueue::runner {

class DatabaseThread {
 public:
  struct Settings {
    int taskRunnerId = 0;
    std::vector<std::string> queues;
    std::vector<std::string> handlers;
    std::chrono::milliseconds heartbeat{1000};  // up to five times longer while this runner owns no run
    std::chrono::seconds lease{60};
    // Interval of the checks whether peers on this host are alive. The tables also list new and remote peers.
    // They are read after ten checks at the latest, or when a peer is gone.
    std::chrono::milliseconds peerCheck{1000};
    std::chrono::milliseconds flush{300};
    std::chrono::milliseconds pollBusy{20};
    std::chrono::milliseconds pollIdle{320};
    // The first wait after the database failed. It doubles with each failure.
    std::chrono::milliseconds firstBackoff{100};
    std::chrono::milliseconds longestBackoff{5000};
  };

  struct Callbacks {
    // Called after each sync that could claim. The list is empty when nothing was due.
    std::function<void(std::vector<ClaimedRun>)> onClaimed;
    std::function<void(std::vector<int> runIds)> onCancelRequested;
    std::function<void(std::vector<int> runIds)> onLost;  // active runs that this runner no longer owns
    // Called at each heartbeat after the request, as is onStopRequested.
    std::function<void()> onDrainRequested;
    std::function<void()> onStopRequested;
    // With `forGood`, something else ended the runner's row: it owns no runs any more and must end. Without
    // it, the lease will soon end unrenewed: kill the workers, and release each run when its worker is gone.
    std::function<void(bool forGood)> onLeaseLost;
    // Replaces onLeaseLost(false) when the loop stands still: the workers must be killed without the loop.
    std::function<void()> onLoopStandsStill;
    std::function<void(const std::string& problem)> onBroken;  // a bug or a wrong schema: the runner must end
    // The ends and releases of this request are written, or were refused because this runner lost the runs.
    // May be empty.
    std::function<void(const SyncRequest& written)> onWritten;
    // `onJournal` stores these ends on disk while the database is unavailable; it returns false on failure.
    // `onAllWritten` says that everything on disk has reached the database. Both may be empty.
    std::function<bool(std::span<const RunEnd>)> onJournal;
    std::function<void()> onAllWritten;
  };

  DatabaseThread(RunnerStore& store, TaskQueue& queue, Settings settings, Callbacks callbacks);
  ~DatabaseThread();

  void start();

  void finish(RunEnd end);
  void release(RunRelease release);
  void report(RunProgress progress);
  void addOutput(OutputChunk chunk);
  // Adds `count` to the number of runs that the loop can take. It may be negative.
  void addFreeSlots(int count);
  // After this call, no run is claimed any more.
  void stopClaiming();
  // Returns whether live progress and output would be written soon. They would not while the database is
  // unavailable.
  bool acceptsLiveUpdates();
  // Makes the thread claim at once, because a task was enqueued.
  void wake();
  // Returns true once when the lease will soon end unrenewed, even if the database thread hangs in a
  // statement. The caller must then kill the workers; onLeaseLost is not called as well.
  bool losesLease();
  // Replaces the handlers that the runner offers. A removed handler is not claimed after this call. A new one
  // is claimed once the announcement is written.
  void announce(std::vector<HandlerDeclaration> handlers);
  // Tells the thread that the loop has turned. Without this, no heartbeat is sent and nothing is claimed.
  void loopTurned() { loopWatch_.turned(); }
  // Sets the problems that the next heartbeats report.
  void setProblems(std::vector<RunnerProblem> problems);

  // Writes what is left, ends the runner's row and joins the thread; gives up after `limit`. Returns false if
  // something could not be written.
  bool stop(std::chrono::milliseconds limit);

 private:
  using Clock = std::chrono::steady_clock;

  void loop();
  bool hasWork() const;                  // with mutex_ held
  Clock::time_point nextTurn() const;    // with mutex_ held
  Clock::time_point leaseLimit() const;  // the lease must be renewed before this time
  void runOnce();
  void sendHeartbeat();
  void writeAnnouncement();
  RunnerCondition condition() const;  // with mutex_ held
  std::chrono::milliseconds untilNextHeartbeat() const;
  void lookAtLoop();
  void runHousekeeping();
  void watchPeers();
  void reconcile(const HeartbeatResult& result);
  void sync();
  bool isBeingWritten(int runId);  // its end or release is still unwritten
  SyncRequest takeRequest();
  void takeOne(SyncRequest& request);  // with mutex_ held
  bool isolateRejectedWrite(SyncRequest& request, const std::string& problem);
  bool deferLocked(SyncRequest& request, const std::string& problem);
  void requeueLocked();
  void requeue(SyncRequest request);
  void applyResult(const SyncRequest& request, const SyncResult& result);
  void onUnavailable(const StoreError& error);
  void journalEnds();
  void dropJournaledEnds();
  void checkLease();

  RunnerStore& store_;
  TaskQueue& queue_;
  Settings settings_;
  Callbacks callbacks_;

  std::atomic<Clock::time_point> lastBeat_{};
  std::atomic<bool> leaseLost_ = false;
  LoopWatch loopWatch_;

  std::mutex mutex_;
  std::condition_variable changed_;
  SyncRequest pending_;  // guarded by mutex_
  // Maps the run token to the time since when the run's end waits to be written. Guarded by mutex_.
  std::unordered_map<std::string, Clock::time_point> endedOn_;
  std::vector<RunnerProblem> problems_;                          // guarded by mutex_
  std::optional<std::vector<HandlerDeclaration>> announcement_;  // guarded by mutex_; not yet written
  int announcementNumber_ = 0;                                   // guarded by mutex_
  Clock::time_point announceAt_{};                               // guarded by mutex_
  // Guarded by mutex_. Negative when the limit was lowered below the current number of runs.
  int freeSlots_ = 0;
  bool endsToJournal_ = false;         // guarded by mutex_
  bool claiming_ = true;               // guarded by mutex_
  bool woken_ = false;                 // guarded by mutex_
  bool stopping_ = false;              // guarded by mutex_
  Clock::time_point stopDeadline_{};   // guarded by mutex_
  Clock::time_point nextPoll_{};       // guarded by mutex_
  Clock::time_point nextFlush_{};      // guarded by mutex_
  Clock::time_point nextHeartbeat_{};  // guarded by mutex_
  // Guarded by mutex_. While backing off, no statement is sent before this time.
  Clock::time_point notBefore_{};
  std::chrono::milliseconds backoff_{0};  // guarded by mutex_

  // The following members are used by the database thread only.
  std::unordered_map<int, RunOwnership> owned_;
  std::unordered_set<std::string> journaled_;  // tokens of the runs whose ends are on disk
  Clock::time_point nextPeerLook_{};
  Clock::time_point nextPeerCheck_{};
  Clock::time_point nextRepair_{};
  Clock::time_point nextFallbackPass_{};
  std::chrono::milliseconds poll_{20};
  bool isSerial_ = false;  // writes go one by one, because the database rejected or locked one of them
  // Live updates are dropped until this time, because they could not be written.
  Clock::time_point liveUpdatesAfter_{};
  SyncRequest locked_;  // writes that wait because another session has locked their rows
  Clock::time_point lockedUntil_{};
  bool loopStandsStill_ = false;
  bool over_ = false;
  bool allWritten_ = true;
  std::thread thread_;
};

}  // namespace taskqueue::runner
