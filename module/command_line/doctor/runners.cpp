// Checks clocks, and the versions of runners.
#include <cstdlib>

#include "module/command_line/doctor/checks.h"

namespace taskqueue::command_line::doctor {
namespace {

constexpr std::int64_t kNoticedLead = 2'000;  // ms: cron expressions fire by whole seconds
constexpr std::int64_t kBadLead = 60'000;     // ms: a minute is the shortest time between two firings

}  // namespace

Findings checkClock(const Site& site) {
  const std::int64_t ahead = site.database->aheadMilliseconds;
  if (std::llabs(ahead) < kNoticedLead) return {};
  constexpr std::int64_t kThousand = 1'000;
  return {{.state = std::llabs(ahead) < kBadLead ? State::Warning : State::Problem,
           .text = "the database's clock is " + std::to_string(std::llabs(ahead) / kThousand) + " s " +
                   (ahead > 0 ? "ahead of" : "behind") + " this host's",
           .place = "clock",
           .mend = "timedatectl set-ntp true"}};
}

Findings checkRunnerVersions(const Site& site) {
  Findings found;
  for (const Runner& runner : site.runners) {
    if (runner.version.empty() || runner.version == TASKQUEUE_VERSION) continue;
    found.push_back(
        {.state = State::Warning,
         .text = "the runner is of version " + runner.version + ", this program of " + TASKQUEUE_VERSION,
         .place = "runner " + std::to_string(runner.id) + " on " + runner.identity.hostName,
         .mend = "taskqueue restart"});
  }
  return found;
}

}  // namespace taskqueue::command_line::doctor
