#include "module/command_line/doctor/examine.h"

#include <algorithm>
#include <array>

#include "module/command_line/doctor/checks.h"
#include "module/health/facts.h"

namespace taskqueue::command_line::doctor {
namespace {

enum class Needs { Host, Server, Schema };

struct Listed {
  const char* name;
  const char* well;  // what holds when the check finds nothing
  Needs needs;
  Findings (*look)(const Site&);
};

// A new check is a function of Site and an entry here.
constexpr std::array kChecks{
    Listed{"indexes", "All indexes are as the migrations make them.", Needs::Schema, checkIndexes},
    Listed{"statements", "The server accepts all statements.", Needs::Schema, checkStatements},
    Listed{"tables", "There are no tables.", Needs::Schema, checkTables},
    Listed{"rights", "The account has the rights that the queue needs, and no more.", Needs::Server,
           checkRights},
    Listed{"durability", "What is committed survives a power failure.", Needs::Server, checkDurability},
    Listed{"replication", "The server's log of changes fits.", Needs::Server, checkReplication},
    Listed{"server", "The server takes writes, sessions and statements.", Needs::Server, checkServer},
    Listed{"session", "A session has the settings that it asked for.", Needs::Server, checkSession},
    Listed{"clock", "The database and this host agree on the time.", Needs::Server, checkClock},
    Listed{"runner versions", "All runners are of this version.", Needs::Schema, checkRunnerVersions},
    Listed{"sockets", "Each runner of this host can be woken.", Needs::Schema, checkSockets},
    Listed{"files", "Other users can read no secret and change no setting.", Needs::Host, checkSecretFiles},
    Listed{"directories", "The directories exist, and other users cannot write there.", Needs::Host,
           checkDirectories},
    Listed{"stop times", "A stop waits until runs have drained.", Needs::Host, checkStopTimes},
    Listed{"programs", "The programs of handlers exist, and PHP is new enough.", Needs::Host, checkPrograms},
    Listed{"pages", "The FastCGI program answers, and nginx waits for it.", Needs::Host, checkPages},
    Listed{"address", "The public address answers.", Needs::Host, checkAddress},
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

// Reads what the checks judge. What cannot be read says why.
Site readSite(const platform::Configuration& configuration, const Stores& stores,
              const health::SchemaProblem& schemaProblem, const ReadDatabase& readDatabase) {
  Site site{.configuration = configuration};
  try {
    if (schemaProblem()) site.whyNoSchema = "the schema must be mended first";
  } catch (const StoreError& error) {
    site.whyNoSchema = error.what();
    site.isReached = error.kind() != StoreError::Kind::Unavailable;
    if (!site.isReached) return site;
  }
  try {
    site.database = readDatabase(/*withSchema=*/site.whyNoSchema.empty());
    if (!site.whyNoSchema.empty()) return site;
    site.runnersExpected = stores.handlers.taskRunnerLimit();
    site.runners = stores.runners.findRunners(/*onlyRunning=*/true, health::kMaxRunners);
  } catch (const StoreError& error) {
    // An index that is missing makes the runners unreadable, and is told by checkIndexes.
    if (!site.database) site.whyNoSchema = error.what();
  }
  return site;
}

bool isUnread(const Site& site, const std::vector<health::HealthCheck>& checks) {
  return site.isReached && checks.size() == 1;  // the database's own finding alone
}

// A faulty table or a missing right makes the health checks fail as a whole, as if there were no database.
// The causes that were found are worth more than that.
Findings outcomes(const Site& site, const std::vector<health::HealthCheck>& checks) {
  Findings found;
  if (isUnread(site, checks)) {
    return {{.state = State::NotChecked,
             .text = "the outcomes cannot be read until the problems below are mended",
             .check = "health"}};
  }
  for (const health::HealthCheck& check : checks) {
    found.push_back({.state = stateOf(check.state),
                     .text = site.isReached ? health::textOf(check) : site.whyNoSchema,
                     .place = check.subject,
                     .mend = mendOf(check),
                     .check = check.name});
  }
  return found;
}

Findings lookWith(const Listed& listed, const Site& site) {
  const bool isReadable = listed.needs == Needs::Host || (site.database && listed.needs == Needs::Server) ||
                          (site.database && site.whyNoSchema.empty());
  if (!isReadable)
    return {{.state = State::NotChecked, .text = "it cannot be examined: " + site.whyNoSchema}};
  Findings found = listed.look(site);
  if (found.empty()) found.push_back({.text = listed.well});
  return found;
}

}  // namespace

Diagnosis examine(const platform::Configuration& configuration, const Stores& stores,
                  const health::SchemaProblem& schemaProblem, const ReadDatabase& readDatabase) {
  const Site site = readSite(configuration, stores, schemaProblem, readDatabase);
  const auto checks = health::checkHealth(stores, schemaProblem, platform::healthSettings(configuration));
  Diagnosis diagnosis{outcomes(site, checks), site.isReached};
  Findings& all = diagnosis.findings;
  for (const Listed& listed : kChecks) {
    for (Finding& finding : lookWith(listed, site)) {
      finding.check = listed.name;
      all.push_back(std::move(finding));
    }
  }
  const bool isExplained =
      std::any_of(all.begin(), all.end(), [](const Finding& each) { return each.state == State::Problem; });
  if (isUnread(site, checks) && !isExplained) {
    all.front().state = State::Problem;
    all.front().text =
        "the outcomes cannot be read" + (site.whyNoSchema.empty() ? "" : ": " + site.whyNoSchema);
    all.front().mend = "see the log of the database server";
  }
  return diagnosis;
}

}  // namespace taskqueue::command_line::doctor
