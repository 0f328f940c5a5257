#include "module/web/health.h"

#include <algorithm>

#include "module/texts/texts.h"

namespace taskqueue::web {
namespace {

constexpr int kMostRunners = 1000;

// For xgettext: the pages translate it.
constexpr const char* marked(const char* english) {
  return english;
}

HealthCheck checkRunners(const std::vector<Runner>& runners, int expected) {
  const int alive = static_cast<int>(runners.size());
  HealthCheck check{marked("runners"),
                    Health::Ok,
                    marked("%1 alive, at least %2 expected (TaskRunnerLimit)."),
                    {},
                    {std::to_string(alive), std::to_string(expected)}};
  if (alive >= expected && alive > 0) return check;
  check.state = alive == 0 ? Health::Failed : Health::Warning;
  check.remedies = waysToStartRunners();
  return check;
}

std::vector<HealthCheck> checkHosts(const std::vector<Runner>& runners) {
  std::vector<HealthCheck> checks;
  for (const Runner& runner : runners) {
    for (const RunnerProblem& problem : runner.problems) {
      const bool isKnown = std::any_of(checks.begin(), checks.end(), [&](const HealthCheck& check) {
        return check.name == problem.host && check.text == problem.problem;
      });
      if (isKnown) continue;
      checks.push_back({problem.host,
                        Health::Warning,
                        problem.problem,
                        {{"Mend or remove it; runner " + std::to_string(runner.id) + " on " +
                              runner.identity.hostName + " tries it again every 30 s. Its log tells more.",
                          ""}}});
    }
  }
  if (checks.empty())
    checks.push_back({marked("worker hosts"), Health::Ok, marked("All hosts and plug-ins work.")});
  return checks;
}

std::string ago(const OverseerFacts& facts, UnixSeconds then) {
  return std::to_string(std::max<UnixSeconds>(facts.now - then, 0)) + " s ago";
}

// Without schedules nothing waits for the overseer: runners rescue and claim by themselves.
HealthCheck checkOverseer(const OverseerFacts& facts, const QueueLimits& limits) {
  HealthCheck check{"overseer", Health::Ok, "task-queue:OnProcess was never called"};
  if (facts.overseerPassedOn)
    check.text = "task-queue:OnProcess was last called " + ago(facts, *facts.overseerPassedOn);
  if (!isOverseerSilent(facts, limits)) {
    check.text += ".";
    return check;
  }
  check.text +=
      facts.standInPassedOn ? "; a runner stood in for it " + ago(facts, *facts.standInPassedOn) + "." : ".";
  if (facts.schedules == 0) return check;
  check.state = Health::Warning;
  check.remedies = waysToCallTheOverseer();
  return check;
}

HealthCheck checkSchedules(const OverseerFacts& facts, const QueueLimits& limits) {
  HealthCheck check{"schedules", Health::Ok, std::to_string(facts.schedules) + " enabled."};
  if (facts.brokenSchedules > 0) {
    check.state = Health::Warning;
    check.text += " " + std::to_string(facts.brokenSchedules) + " of them cannot fire.";
    check.remedies = {{"taskqueue schedule list names the problem; taskqueue schedule change mends it", ""}};
  }
  if (facts.earliestFireOn && *facts.earliestFireOn < facts.now - limits.missedAfterSeconds) {
    check.state = Health::Failed;
    check.text += " One should have fired " + ago(facts, *facts.earliestFireOn) + ".";
    check.remedies = {{"Neither the overseer nor a runner fires: mend those first", ""}};
  }
  return check;
}

}  // namespace

std::string_view wordOf(Health health) {
  switch (health) {
    case Health::Ok:
      return "ok";
    case Health::Warning:
      return "warning";
    case Health::Failed:
      return "failed";
  }
  return "";
}

std::vector<HealthCheck> checkHealth(TaskStore& store,
                                     const std::function<std::optional<std::string>()>& schemaProblem,
                                     const QueueLimits& limits) {
  std::vector<HealthCheck> checks;
  try {
    const auto problem = schemaProblem();
    checks.push_back({marked("database"), Health::Ok, marked("It answers.")});
    if (problem) {
      checks.push_back({"schema", Health::Failed, *problem, {{"taskqueue migrate", ""}}});
      return checks;
    }
    checks.push_back({marked("schema"), Health::Ok, marked("It fits this program.")});
    const auto runners = store.findRunners(/*onlyRunning=*/true, kMostRunners);
    checks.push_back(checkRunners(runners, store.taskRunnerLimit()));
    for (HealthCheck& check : checkHosts(runners)) checks.push_back(std::move(check));
    const OverseerFacts facts = store.findOverseerFacts();
    checks.push_back(checkOverseer(facts, limits));
    checks.push_back(checkSchedules(facts, limits));
  } catch (const StoreError&) {
    checks.push_back({"database",
                      Health::Failed,
                      marked("It cannot be used now; the log of taskqueue-fcgi says why."),
                      {{"systemctl status mariadb", ""}}});
  }
  return checks;
}

std::string textOf(const HealthCheck& check) {
  return filledIn(check.text, check.values);
}

Health worstOf(const std::vector<HealthCheck>& checks) {
  Health worst = Health::Ok;
  for (const HealthCheck& check : checks) worst = std::max(worst, check.state);
  return worst;
}

}  // namespace taskqueue::web
