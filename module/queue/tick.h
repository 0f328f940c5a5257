// What a runner's database thread hands to the store in one transaction, and what it gets back.
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

// The end of a run. Status is success, error, timeout or cancelled.
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
  bool hadLiveOutput = false;  // chunks of it are in TaskRunOutput
  std::optional<std::int64_t> runMs;
  ResourceUse use;
  std::int64_t retryDelaySeconds = 0;  // of the next try, if the failure leaves one
  bool giveUp = false;                 // a failure after which nothing more is tried
};

// A run given back unharmed: it is `scheduled` again, no try is lost.
struct RunRelease {
  RunOwnership owned;
  std::int64_t delaySeconds = 0;  // 0: claimable at once; more: the handler snoozed
  // Of a run that was never begun: the NextRunOn that its task had, so that it keeps its place in the order
  // of claims. Nothing: the place of one that is due from now on.
  std::optional<UnixSeconds> place = std::nullopt;
};

struct RunProgress {
  RunOwnership owned;
  int percentsCompleted = 0;
  std::string progressNote;
};

// A piece of live output; `position` counts the bytes of the cleaned stream.
struct OutputChunk {
  RunOwnership owned;
  OutputStream stream = OutputStream::StandardOutput;
  std::int64_t position = 0;
  std::string content;
  // Chunks of this stream that lie wholly in [dropFrom, dropTo) are no longer kept.
  std::int64_t dropFrom = 0;
  std::int64_t dropTo = 0;
};

struct ClaimedRun {
  RunOwnership owned;
  int attempt = 0;
  Task task;
};

struct TickRequest {
  int taskRunnerId = 0;
  std::vector<RunEnd> ends;
  std::vector<RunRelease> releases;
  std::vector<RunProgress> progress;
  std::vector<OutputChunk> output;
  int claimLimit = 0;
  std::vector<std::string> queues;
  std::vector<std::string> handlers;  // classes that this runner can handle
};

struct TickResult {
  std::vector<ClaimedRun> claimed;
  std::vector<int> lostRuns;  // Ids of ends and releases that were refused: the run is no longer ours
  // Of the next task in our queues that are not paused; nothing: none waits, or this tick could not claim.
  std::optional<std::int64_t> secondsUntilDue;
};

struct HeartbeatResult {
  bool runnerAlive = true;  // false: the row was ended by somebody else, we own nothing any more
  bool drainRequested = false;
  bool stopRequested = false;
  std::vector<RunOwnership> owned;   // all open runs of this runner, as the database sees them
  std::vector<int> cancelRequested;  // Ids of those that somebody wants cancelled
};

}  // namespace taskqueue
