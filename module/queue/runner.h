// A runner: a row of TaskRunners, one task-runner process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "module/queue/handler_settings.h"
#include "module/queue/process_identity.h"
#include "module/queue/status.h"
#include "module/queue/task.h"

namespace taskqueue {

struct NewRunner {
  ProcessIdentity identity;
  std::string version;
  std::vector<std::string> queues;  // in the order in which they are served
  int slots = 1;                    // runs at once
};

// What a runner could not do, though it works: a host of workers that does not start, a refused plug-in.
struct RunnerProblem {
  std::string host;  // of the workers concerned
  std::string problem;

  bool operator==(const RunnerProblem&) const = default;
};

// How many runners the events of the CMS start at most; a row of its settings.
struct RunnerLimit {
  int limit = 0;
  std::optional<std::string> unreadable;  // what the row holds instead of a number from 0 on
  bool isMissing = false;                 // there is no such row

  bool operator==(const RunnerLimit&) const = default;
};

// Reads the value of the row; 0 counts where it holds no number.
RunnerLimit readRunnerLimit(const std::optional<std::string>& value);
// Tells what is wrong with the row, and that 0 counts; nothing when it holds a number.
std::optional<std::string> problemOf(const RunnerLimit& limit);

// What a runner says of itself with each heartbeat.
struct RunnerCondition {
  std::int64_t memoryKb = 0;
  std::vector<RunnerProblem> problems;
  int unwrittenRuns = 0;              // that have ended, and whose end is not in the tables yet
  std::int64_t unwrittenSeconds = 0;  // how long the oldest of them has waited for that
};

struct Runner {
  int id = 0;
  ProcessIdentity identity;
  std::optional<UnixSeconds> startedOn;
  std::optional<UnixSeconds> finishedOn;
  RunnerStatus status = RunnerStatus::Running;
  std::optional<UnixSeconds> lastHeartbeatOn;
  std::int64_t heartbeatCounter = 0;
  std::int64_t heartbeatAgeSeconds = 0;  // by the database's clock, at reading time
  std::string version;
  std::string queues;  // comma-separated, as stored
  int slots = 1;
  std::int64_t memoryKb = 0;
  std::optional<UnixSeconds> drainRequestedOn;
  std::optional<UnixSeconds> stopRequestedOn;
  int runsInHand = 0;
  std::vector<RunnerProblem> problems;
  int unwrittenRuns = 0;  // at the last heartbeat, as unwrittenSeconds
  std::int64_t unwrittenSeconds = 0;
};

// A runner declares what it can handle: one class and what it expects. It stays known when no runner offers
// it.
struct HandlerDeclaration {
  std::string taskHandlerClass;
  std::string kind;          // "cpp", "command", or the name of a worker host
  std::string dataSchema;    // JSON Schema of TaskData; empty: anything
  HandlerSettings settings;  // read back, the limits are those that hold, whoever set them
  int liveRunners = 0;       // that offer it, at reading time
  // Since when no living runner offers it. Nothing: one does, or the time is not known.
  std::optional<UnixSeconds> offeredUntil;

  bool operator==(const HandlerDeclaration&) const = default;
};

}  // namespace taskqueue
