// The limits of the health checks. Each has a setting in [health] of the configuration.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "module/queue/limits.h"

namespace taskqueue::health {

struct HealthLimits {
  int stuckSeconds = 60;      // longest wait of a due task that no runner can take
  int unwrittenSeconds = 30;  // longest wait of a run's end in a runner before it is written
  int failingRuns = 10;       // fewest ended runs of a handler per hour for a failure rate
  int failingPercent = 50;    // highest failure rate of a handler within the hour
  int failingAboveUsualPercent =
      20;                    // highest excess over the failure rate of the week before, in percentage points
  int lostRunners = 1;       // number of runners lost within the hour that gives a warning
  int idsPercent = 80;       // share of used Ids of a table that gives a warning
  int freeMegabytes = 1024;  // least free space on each disk; below a tenth of it the check fails
  int pauseSeconds = 86400;  // operators are notified of longer pauses
};

// What is wrong with the rights of the site's PHP.
struct SiteProblem {
  std::string path;
  bool isWide = false;  // the user may do more than intended; otherwise less
  std::string command;  // mends it
};

struct SiteAccess {
  std::string user;  // empty: none is configured, or this host does not know the user
  std::vector<SiteProblem> problems{};
};

struct Settings {
  HealthLimits limits;
  QueueLimits queue;
  std::chrono::seconds lease{60};          // a runner whose heartbeat is older counts as silent
  std::vector<std::string> directories{};  // TaskQueue's directories on this host, whose disks are checked
  SiteAccess site{};
  std::vector<std::string> secretsOfHandlers{};  // files with secrets that a handler can read
  std::int64_t packetBytes = 16 << 20;  // value of max_allowed_packet into which every written statement fits
};

}  // namespace taskqueue::health
