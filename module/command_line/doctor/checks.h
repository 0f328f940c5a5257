// The doctor's own checks of causes. Each returns what is wrong; nothing when all is well. The list in
// examine.cpp sets the check's name.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/command_line/doctor/finding.h"
#include "module/platform/configuration.h"
#include "module/queue/database_facts.h"
#include "module/queue/runner.h"

namespace taskqueue::command_line::doctor {

// Holds what the checks judge.
struct Site {
  const platform::Configuration& configuration;
  std::optional<DatabaseFacts> database{};  // absent: the database cannot be examined
  std::string whyNoSchema{};                // says why the tables, or the whole database, cannot be examined
  bool isReached = true;                    // the database answers
  std::vector<Runner> runners{};            // runners whose rows say that they are running
  int runnersExpected = 0;
};

// These check the schema.
Findings checkIndexes(const Site& site);     // all indexes of the migrations are there
Findings checkStatements(const Site& site);  // the server accepts each statement
Findings checkTables(const Site& site);      // form and characters of our tables

// These check the server. They need site.database.
Findings checkDurability(const Site& site);   // what was committed survives a crash
Findings checkReplication(const Site& site);  // the log of changes fits our transactions
Findings checkServer(const Site& site);       // the server takes writes, sessions and statements
Findings checkSession(const Site& site);      // a session has the settings that it asked for
Findings checkRights(const Site& site);       // the account may do what the queue needs, and no more

// These check clocks and runners.
Findings checkClock(const Site& site);           // database and this host agree on the time
Findings checkRunnerVersions(const Site& site);  // runners are of this program's version

// These check files on this host.
Findings checkSecretFiles(const Site& site);  // other users cannot read secrets or change settings
Findings checkDirectories(const Site& site);  // directories of runners exist, and others cannot write there
Findings checkSockets(const Site& site);      // each runner of this host listens for wake-ups
Findings checkStopTimes(const Site& site);    // supervisord and systemd let runs end
Findings checkPrograms(const Site& site);     // the programs of handlers exist, and PHP is new enough

// These check the pages.
Findings checkPages(const Site& site);    // nginx's file fits, and the FastCGI program answers
Findings checkAddress(const Site& site);  // the public address answers

}  // namespace taskqueue::command_line::doctor
