// What the tables tell of the queue's health, read at one time. What it means is decided by module/health.
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
  int oldestTaskId = 0;              // the one with the smallest Id
  std::optional<UnixSeconds> since;  // when that one was first due, or enqueued where it names no time
};

// Runs of one handler that ended in the complete minutes of a span.
struct HandlerOutcome {
  std::string taskHandlerClass;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t failedForGood = 0;           // runs with which their task has failed for good
  std::int64_t unwritable = 0;              // whose words the database refused
  std::optional<UnixSeconds> failingSince;  // the first minute with a failure
};

// How far a table has used up its Ids.
struct TableIds {
  std::string table;
  std::int64_t nextId = 0;
};

struct HealthFacts {
  UnixSeconds now = 0;
  std::optional<UnixSeconds> runStartedOn;   // of any run, the newest
  std::optional<UnixSeconds> runnerEndedOn;  // of any runner, the last
  std::vector<LostRunner> lostRunners;       // the newest first, at most kMostLostRunners
  std::vector<ParkedTasks> parked;
  std::vector<HandlerOutcome> outcomes;
  std::vector<TableIds> ids;     // of all tables with Ids of their own; by name
  std::int64_t packetBytes = 0;  // max_allowed_packet; 0: unknown
  std::string hostName;          // of the database server
  std::string dataDirectory;     // on that host
};

inline constexpr int kMostLostRunners = 1000;
inline constexpr int kMostParkedCounted = 1000;       // of one handler and reason
inline constexpr std::int64_t kMostIds = 2147483647;  // INT(11), signed

}  // namespace taskqueue
