// Checks that enough runners are alive and whether some have died.
#include <algorithm>

#include "module/health/checks/checks.h"

namespace taskqueue::health {

// A runner whose heartbeat is older than its lease counts as silent. Its row can stay `running` if no other
// process is alive to end it.
Findings checkRunners(const Facts& facts) {
  const auto isSilent = [&](const Runner& runner) {
    return runner.heartbeatAgeSeconds > facts.settings.lease.count();
  };
  const auto silent = std::count_if(facts.runners.begin(), facts.runners.end(), isSilent);
  const std::int64_t alive = static_cast<std::int64_t>(facts.runners.size()) - silent;
  HealthCheck check{.text = marked("%1 online, at least %2 expected (TaskRunnerLimit)."),
                    .values = {std::to_string(alive), std::to_string(facts.runnersExpected)},
                    .count = alive};
  if (silent > 0) {
    check.text = marked(
        "%1 online, at least %2 expected (TaskRunnerLimit); without a heartbeat for longer than %4: %3.");
    check.values.push_back(std::to_string(silent));
    check.values.push_back(spanText(facts.settings.lease.count()));
  }
  if (alive > 0 && alive >= facts.runnersExpected && silent == 0) return {check};
  check.state = alive == 0 ? Health::Failed : Health::Warning;
  if (alive == 0) check.since = facts.tables.runnerEndedOn;
  for (const Runner& runner : facts.runners) {
    if (isSilent(runner) && alive == 0) check.since = std::max(check.since, runner.lastHeartbeatOn);
  }
  check.fixes = commandsToStartRunners();
  return {check};
}

Findings checkLostRunners(const Facts& facts) {
  const auto& lost = facts.tables.lostRunners;
  if (lost.empty()) return {{.text = marked("No runner died within the last hour."), .count = 0}};
  HealthCheck check{
      .text =
          marked("Runners that died within the last hour: %1, the last one on %2. Their runs are retried."),
      .values = {std::to_string(lost.size()), lost.front().hostName},
      .since = lost.back().lostOn,
      .count = static_cast<std::int64_t>(lost.size())};
  if (check.count < facts.settings.limits.lostRunners) return {check};
  check.state = Health::Warning;
  check.fixes = commandsToReadRunnerLog();
  check.fixes.push_back({"journalctl -k -g 'Out of memory' -n 20", ""});
  return {check};
}

Findings checkWorkerPools(const Facts& facts) {
  Findings found;
  for (const Runner& runner : facts.runners) {
    for (const RunnerProblem& problem : runner.problems) {
      const bool isKnown = std::any_of(found.begin(), found.end(), [&](const HealthCheck& check) {
        return check.subject == problem.pool && check.values.front() == problem.problem;
      });
      if (isKnown) continue;
      found.push_back(
          {.state = Health::Warning,
           .text = "%1",
           .values = {problem.problem},
           .subject = problem.pool,
           .fixes = {
               {marked(
                    "Fix or remove it; runner %1 on %2 tries again every 30 s. See the log of the runner."),
                "",
                {std::to_string(runner.id), runner.identity.hostName}}}});
    }
  }
  if (found.empty()) found.push_back({.text = marked("All worker pools and plug-ins work.")});
  return found;
}

// Most installations cannot start a runner as root. The check tells them without a warning.
Findings checkSecrets(const Facts& facts) {
  const auto& files = facts.settings.secretsOfHandlers;
  if (files.empty())
    return {{.text = marked("Handlers cannot read the database password or other secrets.")}};
  std::string names;
  for (const std::string& file : files) names += (names.empty() ? "" : ", ") + file;
  return {{.text = marked("Handlers can read files with secrets: %1. To prevent this, start the runner as "
                          "root and set worker_user and handler_user in [runner]."),
           .values = {names},
           .count = static_cast<std::int64_t>(files.size())}};
}

Findings checkSite(const Facts& facts) {
  const SiteAccess& site = facts.settings.site;
  if (site.user.empty()) return {{.text = marked("No user of the site's PHP is configured for this host.")}};
  Findings found;
  for (const SiteProblem& problem : site.problems) {
    found.push_back({.state = Health::Warning,
                     .text = problem.isWide ? marked("%1 may do more with %2 than the site needs.")
                                            : marked("%1 cannot use %2, which the site needs."),
                     .values = {site.user, problem.path},
                     .subject = problem.path,
                     .fixes = {{problem.command, ""}},
                     .isNotified = false});
  }
  if (found.empty())
    found.push_back({.text = marked("%1 may use what the site needs, and no more."), .values = {site.user}});
  return found;
}

}  // namespace taskqueue::health
