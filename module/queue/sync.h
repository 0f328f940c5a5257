// The data that a runner's database thread exchanges with the store in one transaction.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "module/queue/run.h"
#include "module/queue/task.h"

namespace taskqueue {

// A run that this runner owns: the token proves it (I4).
struct RunOwnership {
  int runId = 0;
  int taskQueueId = 0;
  std::string runToken;
};

// The end of a run. `status` is Success, Error, Timeout or Cancelled.
struct RunEnd {
  RunOwnership owned;
  RunStatus status = RunStatus::Success;
  std::optional<std::string> results;
  std::string errorCode;
  std::string errorMessage;
  int percentsCompleted = 0;
  std::string progressNote;
  CapturedText standardOutput;
  CapturedText errorOutput;
  bool hadLiveOutput = false;  // TaskRunOutput has chunks of this run's output
  std::optional<std::int64_t> runMs;
  ResourceUse use;
  std::int64_t retryDelaySeconds = 0;  // delay before the next try, if one is left
  bool giveUp = false;                 // after this failure the task is not retried
};

// The release of a run: it is `scheduled` again and loses no try.
struct RunRelease {
  RunOwnership owned;
  std::int64_t delaySeconds = 0;  // 0: claimable at once; otherwise the handler snoozed the run
  // NextRunOn that the task of a never started run had, so that the task keeps its place in the order of
  // claims. If absent, the task is due from now on.
  std::optional<UnixSeconds> place = std::nullopt;
};

struct RunProgress {
  RunOwnership owned;
  int percentsCompleted = 0;
  std::string progressNote;
};

// A piece of live output. `position` counts the bytes of the cleaned stream.
struct OutputChunk {
  RunOwnership owned;
  OutputStream stream = OutputStream::StandardOutput;
  std::int64_t position = 0;
  std::string content;
  // Chunks of this stream that lie completely in [dropFrom, dropTo) are deleted.
  std::int64_t dropFrom = 0;
  std::int64_t dropTo = 0;
};

struct ClaimedRun {
  RunOwnership owned;
  int attempt = 0;
  Task task;
};

struct SyncRequest {
  int taskRunnerId = 0;
  std::vector<RunEnd> ends;
  std::vector<RunRelease> releases;
  std::vector<RunProgress> progress;
  std::vector<OutputChunk> output;
  int claimLimit = 0;
  std::vector<std::string> queues;
  std::vector<std::string> handlers;  // classes that this runner can handle
  // Ids of new tasks that a wake-up named. A request that writes nothing claims only these, without a look.
  std::vector<int> named;
};

struct SyncResult {
  std::vector<ClaimedRun> claimed;
  std::vector<int> lostRuns;  // this runner no longer owns these: their end or release was refused
  // Seconds until the next task in the runner's unpaused queues is due. Absent if none waits, or if this sync
  // could not claim.
  std::optional<std::int64_t> secondsUntilDue;
  bool needsLook = false;  // a named task of this runner is due and was not claimed: a look judges it
};

struct HeartbeatResult {
  bool runnerAlive = true;  // false: something else ended the row, and the runner owns no runs any more
  bool drainRequested = false;
  bool stopRequested = false;
  std::vector<RunOwnership> owned;   // all open runs that the database assigns to this runner
  std::vector<int> cancelRequested;  // Ids of runs whose cancellation was requested
};

}  // namespace taskqueue
