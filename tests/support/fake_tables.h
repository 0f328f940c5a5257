// Holds the tables of the store in memory, and what several roles do with them. Rows are public, because a
// CMS can write anything into the tables too. The clock moves only when told to.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "module/queue/due_task.h"
#include "module/queue/store/stores.h"

namespace taskqueue::test_support {

struct FakeTask {
  Task task;
  std::optional<std::string> activeKey;  // the unique key while the task is live
  int forgivenAttempt = 0;               // failures up to this attempt do not count
  std::optional<UnixSeconds> uniqueUntil;
  TaskNotification notify;
};

struct FakeChunk {
  OutputStream stream = OutputStream::StandardOutput;
  std::int64_t position = 0;
  std::string content;
};

struct FakeFile {
  std::string contentType;
  std::string content;
};

struct FakeRun {
  Run run;
  std::string token;
  std::string standardOutput;
  std::string errorOutput;
  std::vector<FakeChunk> chunks;  // output while the run is running
  std::map<std::string, FakeFile> files;
  int errorGroupId = 0;
};

struct FakeRunner {
  Runner runner;
};

// A row of TaskHandlers.
struct FakeAnnouncement {
  int runnerId = 0;
  HandlerDeclaration handler;
  std::optional<UnixSeconds> withdrawnOn;
};

struct FakeLimit {
  int maxRunning = 0;
  int maxRunningPerKey = 0;
  bool declaredByHandler = false;
};

struct FakeRequest {
  UnixSeconds createdOn = 0;
  std::string hash;
  std::vector<AddedTask> tasks;
};

struct FakeErrorGroup {
  ErrorGroup group;
  std::string fingerprint;
  UnixSeconds changedOn = 0;
  struct Sums {
    std::int64_t failed = 0;
    std::int64_t failedForGood = 0;
  };
  std::map<UnixSeconds, Sums> hours;
};

class FakeTables {
 public:
  std::map<int, FakeTask> tasks;
  std::map<int, FakeRun> runs;
  std::map<int, FakeRunner> runners;
  std::map<std::pair<PauseKind, std::string>, Pause> pauses;
  std::map<std::string, FakeLimit> handlerLimits;
  std::map<int, Schedule> schedules;
  std::map<int, std::vector<ScheduleFiring>> firings;
  std::map<Counter, std::int64_t> counters;
  std::vector<FakeAnnouncement> announcements;  // the newest last
  int runnerLimit = 2;
  std::optional<RunnerLimit> oddRunnerLimit;  // the setting's row is missing or holds no number
  std::vector<TableIds> tableIds;             // returned unchanged
  std::int64_t packetBytes = 16 << 20;
  int gridBatch = INT32_MAX;  // rows that one page request reads at most
  Actor actor;
  std::vector<AuditEntry> audit;
  std::optional<UnixSeconds> overseerMarkedOn;
  std::optional<UnixSeconds> fallbackPassedOn;
  // Minutes already summed up, with the ended runs.
  std::map<UnixSeconds, std::vector<std::pair<Task, Run>>> minutes;
  std::map<int, FakeErrorGroup> errorGroups;
  std::map<std::string, FakeRequest> requests;
  UnixSeconds now = 1'700'000'000;
  int lastToken = 0;
  int lastScheduleId = 0;
  int lastFiringId = 0;

  // ── changes from outside the queue ──
  void advance(std::chrono::seconds by) { now += by.count(); }
  // A row as the CMS inserts it, before any process has seen it.
  int insertRow(Task task);

  // ── what several roles do ──
  InsertOutcome insert(std::span<const NewTask> wanted, const std::optional<IdempotencyKey>& key);
  std::vector<Run> runsOf(int taskQueueId) const;
  std::vector<RunOwnership> activeRunsOf(int taskRunnerId) const;
  FakeRun* openRunOf(int taskQueueId);
  FakeRun* ownedRun(const RunOwnership& owned);
  bool mayHaveRun(const FakeTask& row) const;
  int lastAttemptOf(int taskQueueId, bool endedOnly) const;
  FakeRun& addRun(int taskQueueId, RunStatus status);
  int addTask(const NewTask& task);
  void sumUpErrors(UnixSeconds minute);
  FakeErrorGroup& errorGroupOf(const std::string& taskHandlerClass, const Run& run);
  void supersede(int id);
  void notifyCompleted(int id);
  void declareLimit(const HandlerDeclaration& handler);
  void endRun(FakeRun& row, const RunEnd& end);
  void release(FakeRun& row, const RunRelease& release);
  void addChunk(const OutputChunk& chunk);
  using Place = std::pair<std::int64_t, int>;       // NextRunOn, Id
  using Line = std::tuple<std::string, int, bool>;  // queue, priority, whether of new rows
  struct ClaimWork;
  void claim(const SyncRequest& request, SyncResult& result);
  void claimNamed(const SyncRequest& request, SyncResult& result);
  void claimLine(ClaimWork& work, const Line& line);
  void searchLine(ClaimWork& work, const Line& line, Place behind);
  // Due tasks behind this place, in the order of claims; of these classes that are not paused, or of all.
  std::vector<Place> dueBehind(const Line& line, const Place& behind,
                               const std::vector<std::string>* classes) const;
  Place latestSearched(const Line& line) const;
  void searchAgainFrom(UnixSeconds nextRunOn);
  void take(ClaimWork& work, const std::vector<Place>& places);
  DueJudgement judge(const Task& task, const SyncRequest& request) const;
  void startRun(ClaimWork& work, int taskId);
  void defer(FakeTask& row, const DueJudgement& judgement);
  HandlerReach reachOf(const std::string& taskHandlerClass, const SyncRequest& request) const;
  bool lives(int runnerId) const;
  int countOffering(const std::string& taskHandlerClass) const;
  bool offers(int runnerId, const std::string& taskHandlerClass) const;
  bool wasOffered(const std::string& taskHandlerClass) const;
  std::optional<UnixSeconds> offeredUntil(const std::string& taskHandlerClass) const;
  bool holds(const Pause& pause) const { return !pause.terms.pausedUntil || *pause.terms.pausedUntil > now; }
  bool isPaused(PauseKind kind, const std::string& name) const;
  void unpark(const std::string& taskHandlerClass);
  void unparkWhereThereIsRoom(const std::vector<std::string>& classes);
  // Free slots of the class, or of one of its concurrency keys.
  int availableFor(const std::string& taskHandlerClass, const std::optional<std::string>& key) const;
  void unparkSome(const std::string& taskHandlerClass, const std::string& reason, int room);
  void unparkFreedKeys(const std::vector<int>& taskIds);
  bool isKeyHeld(const Task& task);
  bool isOldCopy(const Run& run, const Task& task);
  bool matches(const Task& task, const TaskFilter& filter) const;
  void record(const std::string& action, std::optional<int> taskQueueId, const std::string& subject = "",
              const std::string& detail = "");

  bool hasEnded(const FakeTask& row);
  bool mayBePruned(const FakeTask& row, UnixSeconds endedBefore);

  bool isNameTaken(const std::string& name, int exceptId) const;

  int rowsPerLine = 0;             // how many rows of each line the next claim reads at least
  std::map<Line, Place> searched;  // where the next search begins, unless the last one came to the end
};

}  // namespace taskqueue::test_support
