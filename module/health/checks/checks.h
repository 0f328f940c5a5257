// The health checks. Each returns at least one finding about the facts. The list in health.cpp sets name and
// event.
#pragma once

#include <vector>

#include "module/health/check.h"
#include "module/health/facts.h"

namespace taskqueue::health {

using Findings = std::vector<HealthCheck>;

Findings checkRunners(const Facts& facts);      // enough runners have a fresh heartbeat
Findings checkLostRunners(const Facts& facts);  // no runner has died lately
Findings checkWorkerPools(const Facts& facts);  // worker pools and plug-ins work
Findings checkSecrets(const Facts& facts);      // handlers cannot read the database account
Findings checkSite(const Facts& facts);         // the site's PHP may use what it needs, and no more
Findings checkOverseer(const Facts& facts);     // the overseer is called
Findings checkSchedules(const Facts& facts);    // schedules fire
Findings checkWaiting(const Facts& facts);      // due tasks are started
Findings checkParked(const Facts& facts);       // no task waits for something that does not come by itself
Findings checkPauses(const Facts& facts);       // nothing is paused
Findings checkFailures(const Facts& facts);     // runs fail no more often than usual
Findings checkNewErrors(const Facts& facts);    // which groups of errors are new
Findings checkUnwritten(const Facts& facts);    // the ends of runs reach the tables
Findings checkIds(const Facts& facts);          // the tables have unused Ids
Findings checkDisks(const Facts& facts);        // the disks have free space
Findings checkPacket(const Facts& facts);       // the largest statements fit into a packet of the server

}  // namespace taskqueue::health
