// The facts that the health checks need, read from the tables at one time. module/health judges them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "module/queue/task.h"
#include "module/queue/task_grid.h"

namespace taskqueue {

// A runner that was found dead.
struct LostRunner {
  int id = 0;
  std::string hostName;
  UnixSeconds lostOn = 0;
};

// Tasks of one handler that are parked for one reason.
struct ParkedTasks {
  std::string taskHandlerClass;
  std::string reason;
  BoundedCount tasks;
  int oldestTaskId = 0;  // the smallest Id among these tasks
  std::optional<UnixSeconds>
      since;  // when the task `oldestTaskId` was first due; without a ScheduledOn, when it was enqueued
};

// Counts of runs of one handler that ended within a span of complete minutes.
struct HandlerOutcome {
  std::string taskHandlerClass;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t failedForGood = 0;           // failed runs after which the task is not retried
  std::int64_t unwritable = 0;              // runs whose results or output the database rejected
  std::optional<UnixSeconds> failingSince;  // the first minute with a failure
};

// The next Id that a table will assign. It shows how close the table is to its last Id.
struct TableIds {
  std::string table;
  std::int64_t nextId = 0;
};

struct HealthFacts {
  UnixSeconds now = 0;
  std::optional<UnixSeconds> runStartedOn;   // the latest start of any run
  std::optional<UnixSeconds> runnerEndedOn;  // the latest end of any runner
  std::vector<LostRunner> lostRunners;       // newest first, at most kMaxLostRunners
  std::vector<ParkedTasks> parked;
  std::vector<HandlerOutcome> outcomes;
  std::vector<TableIds> ids;     // all tables with AUTO_INCREMENT Ids, ordered by name
  std::int64_t packetBytes = 0;  // max_allowed_packet; 0: unknown
  std::string hostName;          // host of the database server
  std::string dataDirectory;     // a path on that host
};

inline constexpr int kMaxLostRunners = 1000;
inline constexpr int kMaxParkedCounted = 1000;       // limit for one handler and reason
inline constexpr std::int64_t kMaxIds = 2147483647;  // INT(11), signed

}  // namespace taskqueue
