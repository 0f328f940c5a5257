// The checks: each looks at facts and tells what it found, at least one thing. Name and event are set by the
// list in health.cpp.
#pragma once

#include <vector>

#include "module/health/check.h"
#include "module/health/facts.h"

namespace taskqueue::health {

using Findings = std::vector<HealthCheck>;

Findings checkRunners(const Facts& facts);      // enough of them say that they live
Findings checkLostRunners(const Facts& facts);  // none has died lately
Findings checkWorkerHosts(const Facts& facts);  // hosts and plug-ins work
Findings checkSecrets(const Facts& facts);      // handlers cannot read the database account
Findings checkOverseer(const Facts& facts);     // it is called
Findings checkSchedules(const Facts& facts);    // they fire
Findings checkWaiting(const Facts& facts);      // due tasks are started
Findings checkParked(const Facts& facts);       // no task waits for something that does not come by itself
Findings checkPauses(const Facts& facts);       // nothing is paused
Findings checkFailures(const Facts& facts);     // runs succeed as usual
Findings checkUnwritten(const Facts& facts);    // the ends of runs get into the tables
Findings checkIds(const Facts& facts);          // tables have Ids left
Findings checkDisks(const Facts& facts);        // disks have room
Findings checkPacket(const Facts& facts);       // what we send fits into a packet of the server

}  // namespace taskqueue::health
