// Commands and advice that mend a problem. The site's way of keeping runners alive is unknown here, so there
// is one command for each of runner/supervisord, runner/systemd and runner/cron.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::health {

struct Remedy {
  std::string line;    // a shell command, a crontab line, or a sentence; `values` replace its %1, %2 …
  std::string keeper;  // the service manager that it applies to; empty: all
  std::vector<std::string> values = {};
};

std::vector<Remedy> waysToStartRunners();
// Returns commands that stop all runners permanently.
std::vector<Remedy> waysToStopRunners();
// Returns commands that schedule the overseer every minute.
std::vector<Remedy> waysToCallTheOverseer();
// Returns commands that show the end of the runners' logs.
std::vector<Remedy> waysToReadTheRunnersLog();

// Quotes a name as one word of a shell command.
std::string shellWord(std::string_view name);

// Returns one remedy per line, such as "systemd: systemctl …".
std::string textOf(const std::vector<Remedy>& remedies);

}  // namespace taskqueue::health
