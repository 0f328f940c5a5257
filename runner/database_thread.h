// The runner's database thread. It gathers what the loop hands over, writes it and claims new runs in one
// transaction per sync, sends the heartbeat, and looks for dead peers. While the database is away it waits,
// keeps everything, and tries again.
//
// Methods may be called from any thread. Callbacks come on the database thread.
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
    std::chrono::milliseconds heartbeat{1000};  // five times as long while no run is in hand
    std::chrono::seconds lease{60};
    // How often it looks whether peers on this host live; the tables, which tell of new ones and of those
    // elsewhere, are asked once for ten such looks, or when one is gone.
    std::chrono::milliseconds peerCheck{1000};
    std::chrono::milliseconds flush{300};
    std::chrono::milliseconds pollBusy{20};
    std::chrono::milliseconds pollIdle{320};
    std::chrono::milliseconds firstBackoff{100};  // after the database could not be used; doubled each time
    std::chrono::milliseconds longestBackoff{5000};
  };

  struct Callbacks {
    // After each sync that could claim; empty when nothing was due.
    std::function<void(std::vector<ClaimedRun>)> onClaimed;
    std::function<void(std::vector<int> runIds)> onCancelRequested;
    std::function<void(std::vector<int> runIds)> onLost;  // active runs that are no longer ours
    std::function<void()> onDrainRequested;  // at each heartbeat from the request on, as the next one
    std::function<void()> onStopRequested;
    // The row was ended by somebody else (`forGood`): no run is ours any more, and the runner must end. Or
    // the lease is about to end unrenewed: the workers must be killed, and each run released when its worker
    // is gone.
    std::function<void(bool forGood)> onLeaseLost;
    // In the place of onLeaseLost(false) when the loop stands still: the workers must be killed without the
    // loop.
    std::function<void()> onLoopStandsStill;
    std::function<void(const std::string& problem)> onBroken;  // a bug or a wrong schema: the runner must end
    // The ends and releases of this request are in the tables, or were refused since the runs are not ours.
    // May be empty.
    std::function<void(const SyncRequest& written)> onWritten;
    // The database is away: these ends are to be kept on disk; false when they could not be. And: nothing of
    // what was kept is needed any more. May be empty.
    std::function<bool(std::span<const RunEnd>)> onJournal;
    std::function<void()> onAllWritten;
  };

  DatabaseThread(TaskStore& store, TaskQueue& queue, Settings settings, Callbacks callbacks);
  ~DatabaseThread();

  void start();

  void finish(RunEnd end);
  void release(RunRelease release);
  void report(RunProgress progress);
  void addOutput(OutputChunk chunk);
  // The loop can take this many more runs.
  void addFreeSlots(int count);
  // No run is claimed any more.
  void stopClaiming();
  // Whether live progress and output given now would be written soon; while the database is away they are
  // not.
  bool acceptsLiveUpdates();
  // Something was enqueued: look now.
  void wake();
  // True once when the lease is about to end unrenewed, also while the database thread waits for an answer
  // that does not come. The caller must kill the workers; onLeaseLost does not come besides.
  bool losesLease();
  // From now on the runner offers these handlers. What it does not offer any more is not claimed from this
  // call on, what is new is claimed when it has been announced.
  void announce(std::vector<HandlerDeclaration> handlers);
  // The loop has turned. While it does not, no heartbeat is sent and nothing is claimed.
  void loopTurned() { loopWatch_.turned(); }
  // What the next heartbeats say of this runner.
  void setProblems(std::vector<RunnerProblem> problems);

  // Writes what is left and ends the runner's row, trying for at most `limit`; then the thread has ended.
  // False when something could not be written.
  bool stop(std::chrono::milliseconds limit);

 private:
  using Clock = std::chrono::steady_clock;

  void loop();
  bool hasWork() const;                  // with mutex_ held
  Clock::time_point nextTurn() const;    // with mutex_ held
  Clock::time_point leaseLimit() const;  // until which the lease must have been renewed
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
  bool isBeingWritten(int runId);  // its end or release waits here
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

  TaskStore& store_;
  TaskQueue& queue_;
  Settings settings_;
  Callbacks callbacks_;

  std::atomic<Clock::time_point> lastBeat_{};
  std::atomic<bool> leaseLost_ = false;
  LoopWatch loopWatch_;

  std::mutex mutex_;
  std::condition_variable changed_;
  SyncRequest pending_;  // guarded by mutex_
  // Since when the end of each run waits to be written, by its token; guarded by mutex_.
  std::unordered_map<std::string, Clock::time_point> endedOn_;
  std::vector<RunnerProblem> problems_;                          // guarded by mutex_
  std::optional<std::vector<HandlerDeclaration>> announcement_;  // guarded by mutex_; to be written
  int announcementNumber_ = 0;                                   // guarded by mutex_
  Clock::time_point announceAt_{};                               // guarded by mutex_
  int freeSlots_ = 0;                     // guarded by mutex_; below 0: more than we want to have
  bool endsToJournal_ = false;            // guarded by mutex_
  bool claiming_ = true;                  // guarded by mutex_
  bool woken_ = false;                    // guarded by mutex_
  bool stopping_ = false;                 // guarded by mutex_
  Clock::time_point stopDeadline_{};      // guarded by mutex_
  Clock::time_point nextPoll_{};          // guarded by mutex_
  Clock::time_point nextFlush_{};         // guarded by mutex_
  Clock::time_point nextHeartbeat_{};     // guarded by mutex_
  Clock::time_point notBefore_{};         // guarded by mutex_; backing off from the database
  std::chrono::milliseconds backoff_{0};  // guarded by mutex_

  // Only on the database thread.
  std::unordered_map<int, RunOwnership> owned_;
  std::unordered_set<std::string> journaled_;  // tokens of the runs whose ends are on disk
  Clock::time_point nextPeerLook_{};
  Clock::time_point nextPeerCheck_{};
  Clock::time_point nextRepair_{};
  Clock::time_point nextFallbackPass_{};
  std::chrono::milliseconds poll_{20};
  bool isSerial_ = false;  // something that waits to be written is refused by the database, or locked
  Clock::time_point
      liveUpdatesAfter_{};  // until then live updates are dropped, since it could not be written
  SyncRequest locked_;      // what waits for somebody who has locked its rows
  Clock::time_point lockedUntil_{};
  bool loopStandsStill_ = false;
  bool over_ = false;
  bool allWritten_ = true;
  std::thread thread_;
};

}  // namespace taskqueue::runner
