// A runner is one task-runner process, stored as a row of TaskRunners.
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
  std::vector<std::string> queues;  // in the order in which the runner serves them
  int slots = 1;                    // most runs at the same time
};

// A fault of a runner that still works, for example a worker pool that does not start or a refused plug-in.
struct RunnerProblem {
  std::string pool;  // name of the worker pool concerned
  std::string problem;

  bool operator==(const RunnerProblem&) const = default;
};

// The most runners that events of the CMS start. It is a row of the CMS's settings.
struct RunnerLimit {
  int limit = 0;
  std::optional<std::string> unreadable;  // the row's text if it is no whole number from 0 on
  bool isMissing = false;                 // the settings have no such row

  bool operator==(const RunnerLimit&) const = default;
};

// Reads the value of the row. A value that is no number counts as 0.
RunnerLimit readRunnerLimit(const std::optional<std::string>& value);
// Says what is wrong with the row and that it counts as 0; nothing if it holds a number.
std::optional<std::string> findProblem(const RunnerLimit& limit);

// The condition that a runner reports with each heartbeat.
struct RunnerCondition {
  std::int64_t memoryKb = 0;
  std::vector<RunnerProblem> problems;
  int unwrittenRuns = 0;              // ended runs whose ends are not in the tables yet
  std::int64_t unwrittenSeconds = 0;  // how long the oldest of these ends has waited
};

struct Runner {
  int id = 0;
  ProcessIdentity identity;
  std::optional<UnixSeconds> startedOn;
  std::optional<UnixSeconds> finishedOn;
  RunnerStatus status = RunnerStatus::Running;
  std::optional<UnixSeconds> lastHeartbeatOn;
  std::int64_t heartbeatCounter = 0;
  std::int64_t heartbeatAgeSeconds = 0;  // by the database's clock when the row was read
  std::string version;
  std::string queues;  // comma-separated, as stored
  int slots = 1;
  std::int64_t memoryKb = 0;
  std::optional<UnixSeconds> drainRequestedOn;
  std::optional<UnixSeconds> stopRequestedOn;
  int activeRuns = 0;
  std::vector<RunnerProblem> problems;
  int unwrittenRuns = 0;  // at the last heartbeat, like unwrittenSeconds
  std::int64_t unwrittenSeconds = 0;
};

// A handler class as a runner declares it. It stays known after the last runner withdraws it.
struct HandlerDeclaration {
  std::string taskHandlerClass;
  std::string kind;          // "cpp", "command", or the name of a worker pool
  std::string dataSchema;    // JSON Schema of TaskData; empty: anything
  HandlerSettings settings;  // when read from the store, the concurrency limits are those in force
  int liveRunners = 0;       // living runners that offer it when it is read
  // The time since which no living runner offers it. It is absent if one does, or if the time is unknown.
  std::optional<UnixSeconds> offeredUntil;

  bool operator==(const HandlerDeclaration&) const = default;
};

}  // namespace taskqueue
