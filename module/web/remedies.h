// Lines that mend what is wrong. How runners are kept alive at a site is not known here, so that there is one
// for each way (runner/supervisord, runner/systemd, runner/cron).
#pragma once

#include <string>
#include <vector>

namespace taskqueue::web {

struct Remedy {
  std::string line;    // for the shell, for the crontab, or in words
  std::string keeper;  // the way for which it holds; empty: it holds for all
};

std::vector<Remedy> waysToStartRunners();
// All of them, for good.
std::vector<Remedy> waysToStopRunners();
// Each minute.
std::vector<Remedy> waysToCallTheOverseer();

// One a line, such as "systemd: systemctl …".
std::string textOf(const std::vector<Remedy>& remedies);

}  // namespace taskqueue::web
