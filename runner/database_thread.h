// The runner's database thread. Each sync is one transaction: it writes what the loop handed over and claims
// new runs. The thread also sends heartbeats and looks for dead peers. While the database is unavailable, it
// keeps everything and retries.
//
// Thread rule: methods may be called from any thread, and callbacks run on the database thread. Each part
// that this class owns states its own rule. mutex_ may be held while a part takes its lock, never the
// reverse.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "module/queue/task_queue.h"
#include "runner/bell.h"
#include "runner/claim_pace.h"
#include "runner/handler_announcement.h"
#include "runner/lease.h"
#include "runner/outbox.h"
#include "runner/owned_runs.h"
#include "runner/peer_monitor.h"
#include "runner/wake_socket.h"

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
    std::chrono::milliseconds pollIdle{1000};
    std::chrono::milliseconds probe{100};
    WakeSocket* wakeUps = nullptr;  // outlives the thread; null: tasks are found by polling
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
  void report(RunProgress progress) { outbox_.add(std::move(progress)); }
  void addOutput(OutputChunk chunk) { outbox_.add(std::move(chunk)); }
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
  bool losesLease() { return lease_.isLost(); }
  // Replaces the handlers that the runner offers. A removed handler is not claimed after this call. A new one
  // is claimed once the announcement is written.
  void announce(std::vector<HandlerDeclaration> handlers);
  // Tells the thread that the loop has turned. Without this, no heartbeat is sent and nothing is claimed.
  void loopTurned() { lease_.loopTurned(); }
  // Sets the problems that the next heartbeats report.
  void setProblems(std::vector<RunnerProblem> problems);

  // Writes what is left, ends the runner's row and joins the thread; gives up after `limit`. Returns false if
  // something could not be written.
  bool stop(std::chrono::milliseconds limit);

 private:
  using Clock = std::chrono::steady_clock;

  void loop();
  Clock::time_point nextTurn() const;  // with mutex_ held
  bool isStopping();
  void runOnce();
  void endIfDone(bool stopping);
  void sendHeartbeat();
  void reconcile(const HeartbeatResult& result);
  // Asks for the newest task, when it is time: a new one makes the next sync look.
  void probe();
  void sync();
  SyncRequest takeRequest();
  void trimMemory();
  void applyResult(const SyncRequest& request, const SyncResult& result);
  void onUnavailable(const StoreError& error);
  void journalEnds();
  void checkLease();

  RunnerStore& store_;
  Settings settings_;
  Callbacks callbacks_;

  Lease lease_;
  Outbox outbox_;
  PeerMonitor peers_;
  HandlerAnnouncement announcement_;
  OwnedRuns owned_;

  std::mutex mutex_;
  Bell bell_;                            // rung with mutex_ held
  ClaimPace pace_;                       // guarded by mutex_
  std::vector<RunnerProblem> problems_;  // guarded by mutex_
  bool endsToJournal_ = false;           // guarded by mutex_
  bool stopping_ = false;                // guarded by mutex_
  Clock::time_point stopDeadline_{};     // guarded by mutex_
  Clock::time_point nextFlush_{};        // guarded by mutex_
  Clock::time_point nextHeartbeat_{};    // guarded by mutex_
  // Guarded by mutex_. While backing off, no statement is sent before this time.
  Clock::time_point notBefore_{};
  std::chrono::milliseconds backoff_{0};  // guarded by mutex_

  // The following members are used by the database thread only.
  bool over_ = false;
  bool allWritten_ = true;
  std::size_t writtenBytes_ = 0;  // of texts of ended runs since free memory was last returned
  std::thread thread_;
};

}  // namespace taskqueue::runner
