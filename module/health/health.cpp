#include "module/health/health.h"

#include <algorithm>
#include <array>

#include "module/health/checks/checks.h"

namespace taskqueue::health {
namespace {

struct Listed {
  const char* name;
  const char* event;  // event in messages to operators
  Findings (*look)(const Facts&);
};

constexpr std::array kChecks{
    Listed{marked("runners"), "runners.few", checkRunners},
    Listed{marked("lost runners"), "runners.lost", checkLostRunners},
    Listed{marked("worker pools"), "worker_pool.broken", checkWorkerPools},
    Listed{marked("secrets"), "secrets.readable", checkSecrets},
    Listed{marked("site rights"), "site.rights", checkSite},
    Listed{marked("overseer"), "overseer.late", checkOverseer},
    Listed{marked("schedules"), "schedules.broken", checkSchedules},
    Listed{marked("waiting tasks"), "queue.waits", checkWaiting},
    Listed{marked("parked tasks"), "tasks.parked", checkParked},
    Listed{marked("pauses"), "paused", checkPauses},
    Listed{marked("failures"), "handler.failed", checkFailures},
    Listed{marked("new errors"), "errors.new", checkNewErrors},
    Listed{marked("unwritten ends"), "runs.unwritten", checkUnwritten},
    Listed{marked("Ids"), "ids.short", checkIds},
    Listed{marked("disks"), "disk.full", checkDisks},
    Listed{marked("packet size"), "packet.small", checkPacket},
};

HealthCheck databaseCheck(Health state, const char* text, std::vector<Fix> fixes = {}) {
  return {.name = marked("database"),
          .event = "database.broken",
          .state = state,
          .text = text,
          .fixes = std::move(fixes)};
}

}  // namespace

std::vector<HealthCheck> checkHealth(const Stores& stores, const SchemaProblem& schemaProblem,
                                     const Settings& settings) {
  std::vector<HealthCheck> checks;
  try {
    const auto problem = schemaProblem();
    checks.push_back(databaseCheck(Health::Ok, marked("The database responds.")));
    HealthCheck schema{
        .name = marked("schema"), .event = "schema.old", .text = marked("The schema matches this version.")};
    if (problem) {
      schema.state = Health::Failed;
      schema.text = *problem;
      schema.fixes = {{"taskqueue migrate", ""}};
    }
    checks.push_back(std::move(schema));
    if (problem) return checks;
    const Facts facts = readFacts(stores, settings);
    for (const Listed& listed : kChecks) {
      for (HealthCheck& found : listed.look(facts)) {
        found.name = listed.name;
        found.event = listed.event;
        checks.push_back(std::move(found));
      }
    }
  } catch (const StoreError&) {
    checks.clear();
    checks.push_back(databaseCheck(Health::Failed,
                                   marked("The database is unavailable; see the log of taskqueue-fcgi."),
                                   {{"systemctl status mariadb", ""}}));
  }
  return checks;
}

bool areTablesRead(const std::vector<HealthCheck>& checks) {
  return std::any_of(checks.begin(), checks.end(),
                     [](const HealthCheck& check) { return check.name == kChecks.front().name; });
}

Health worstHealth(const std::vector<HealthCheck>& checks) {
  Health worst = Health::Ok;
  for (const HealthCheck& check : checks) worst = std::max(worst, check.state);
  return worst;
}

}  // namespace taskqueue::health
