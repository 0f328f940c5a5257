// What the health checks compare with. Each limit has its setting in [health] of the configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "module/queue/limits.h"

namespace taskqueue::health {

struct HealthLimits {
  int stuckSeconds = 60;              // a due task that no runner can take may wait so long
  int unwrittenSeconds = 30;          // the end of a run may wait so long in a runner until it is written
  int failingRuns = 10;               // fewer ended runs of a handler within the hour prove no rate
  int failingPercent = 50;            // of a handler's runs that may fail within the hour
  int failingAboveUsualPercent = 20;  // by how many points its rate may lie above the one of the week before
  int lostRunners = 1;                // so many runners that died within the hour are too many
  int idsPercent = 80;                // of a table's Ids that may be used
  int freeMegabytes = 1024;  // that must be free on each disk; below a tenth of it the check has failed
  int pauseSeconds = 86400;  // a pause may last so long until operators are told of it
};

struct Settings {
  HealthLimits limits;
  QueueLimits queue;
  std::chrono::seconds lease{60};                // a runner whose heartbeat is older says nothing any more
  std::vector<std::string> directories{};        // of ours on this host: disks to look at
  std::vector<std::string> secretsOfHandlers{};  // files with secrets that a handler can read
  std::int64_t packetBytes = 16 << 20;  // of max_allowed_packet, in which everything that we write fits
};

}  // namespace taskqueue::health
