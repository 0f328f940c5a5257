// Commands and advice that mend a problem. The site's way of keeping runners alive is unknown here, so there
// is one command for each of runner/supervisord, runner/systemd and runner/cron.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::health {

struct Fix {
  std::string command;  // a shell command, a crontab line, or a sentence; `values` replace its %1, %2 …
  std::string serviceManager;  // the service manager that it applies to; empty: all
  std::vector<std::string> values = {};
};

std::vector<Fix> commandsToStartRunners();
// Returns commands that schedule the overseer every minute.
std::vector<Fix> commandsToScheduleOverseer();
// Returns commands that show the end of the runners' logs.
std::vector<Fix> commandsToReadRunnerLog();

// Quotes a name as one word of a shell command.
std::string quoteForShell(std::string_view name);

// Returns one fix per line, such as "systemd: systemctl …".
std::string textOf(const std::vector<Fix>& fixes);

}  // namespace taskqueue::health
