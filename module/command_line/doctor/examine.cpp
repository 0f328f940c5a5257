#include "module/command_line/doctor/examine.h"

#include <array>

#include "module/command_line/doctor/checks.h"
#include "module/health/facts.h"

namespace taskqueue::command_line::doctor {
namespace {

struct Listed {
  const char* name;
  const char* well;  // what holds when the check finds nothing
  bool needsDatabase;
  Findings (*look)(const Site&);
};

// A new check is a function of Site and an entry here.
constexpr std::array kChecks{
    Listed{"indexes", "All indexes are as the migrations make them.", true, checkIndexes},
    Listed{"statements", "The server accepts all statements.", true, checkStatements},
    Listed{"tables", "There are no tables.", true, checkTables},
    Listed{"rights", "The account has the rights that the queue needs, and no more.", true, checkRights},
    Listed{"durability", "What is committed survives a power failure.", true, checkDurability},
    Listed{"replication", "The server's log of changes fits.", true, checkReplication},
    Listed{"server", "The server takes writes, sessions and statements.", true, checkServer},
    Listed{"session", "A session has the settings that it asked for.", true, checkSession},
    Listed{"clock", "The database and this host agree on the time.", true, checkClock},
    Listed{"runner versions", "All runners are of this version.", true, checkRunnerVersions},
    Listed{"sockets", "Each runner of this host can be woken.", true, checkSockets},
    Listed{"files", "Other users can read no secret and change no setting.", false, checkSecretFiles},
    Listed{"directories", "The directories exist, and other users cannot write there.", false,
           checkDirectories},
    Listed{"stop times", "A stop waits until runs have drained.", false, checkStopTimes},
    Listed{"programs", "The programs of handlers exist, and PHP is new enough.", false, checkPrograms},
    Listed{"pages", "The FastCGI program answers, and nginx waits for it.", false, checkPages},
    Listed{"address", "The public address answers.", false, checkAddress},
};

State stateOf(health::Health health) {
  switch (health) {
    case health::Health::Ok:
      return State::Ok;
    case health::Health::Warning:
      return State::Warning;
    case health::Health::Failed:
      return State::Problem;
  }
  return State::Problem;
}

// The fixes are alternatives, so one line can name several.
std::string mendOf(const health::HealthCheck& check) {
  if (check.state == health::Health::Ok) return "";
  std::string mend = health::textOf(check.fixes);
  for (auto at = mend.find('\n'); at != std::string::npos; at = mend.find('\n', at))
    mend.replace(at, 1, " | ");
  return mend;
}

// Reads what the checks judge. Without the database it says why.
Site readSite(const platform::Configuration& configuration, const Stores& stores,
              const health::SchemaProblem& schemaProblem, const ReadDatabase& readDatabase) {
  Site site{.configuration = configuration};
  try {
    if (schemaProblem()) {
      site.whyNoDatabase = "the schema must be mended first";
      return site;
    }
    site.database = readDatabase();
  } catch (const StoreError& error) {
    site.whyNoDatabase = error.what();
    site.isReached = false;
    return site;
  }
  try {
    site.runnersExpected = stores.handlers.taskRunnerLimit();
    site.runners = stores.runners.findRunners(/*onlyRunning=*/true, health::kMaxRunners);
  } catch (const StoreError&) {
    // checkStatements and checkIndexes say which statement fails.
  }
  return site;
}

// A faulty table makes the health checks fail as a whole, as if there were no database. The causes that were
// found are worth more than that.
Findings outcomes(const Site& site, const Stores& stores, const health::SchemaProblem& schemaProblem) {
  Findings found;
  const auto checks =
      health::checkHealth(stores, schemaProblem, platform::healthSettings(site.configuration));
  if (site.database && !health::areTablesRead(checks)) {
    return {{.state = State::NotChecked,
             .text = "the outcomes cannot be read until the problems below are mended",
             .check = "health"}};
  }
  for (const health::HealthCheck& check : checks) {
    found.push_back({.state = stateOf(check.state),
                     .text = site.isReached ? health::textOf(check) : site.whyNoDatabase,
                     .place = check.subject,
                     .mend = mendOf(check),
                     .check = check.name});
  }
  return found;
}

Findings lookWith(const Listed& listed, const Site& site) {
  if (listed.needsDatabase && !site.database)
    return {{.state = State::NotChecked, .text = "the database cannot be examined: " + site.whyNoDatabase}};
  Findings found = listed.look(site);
  if (found.empty()) found.push_back({.text = listed.well});
  return found;
}

}  // namespace

Diagnosis examine(const platform::Configuration& configuration, const Stores& stores,
                  const health::SchemaProblem& schemaProblem, const ReadDatabase& readDatabase) {
  const Site site = readSite(configuration, stores, schemaProblem, readDatabase);
  Diagnosis diagnosis{outcomes(site, stores, schemaProblem), site.isReached};
  for (const Listed& listed : kChecks) {
    for (Finding& finding : lookWith(listed, site)) {
      finding.check = listed.name;
      diagnosis.findings.push_back(std::move(finding));
    }
  }
  return diagnosis;
}

}  // namespace taskqueue::command_line::doctor
