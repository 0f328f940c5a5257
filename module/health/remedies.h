// Lines that mend what is wrong. How runners are kept alive at a site is not known here, so that there is one
// for each way (runner/supervisord, runner/systemd, runner/cron).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::health {

struct Remedy {
  std::string line;    // for the shell, for the crontab, or in words, with %1, %2 … for its values
  std::string keeper;  // the way for which it holds; empty: it holds for all
  std::vector<std::string> values = {};
};

std::vector<Remedy> waysToStartRunners();
// All of them, for good.
std::vector<Remedy> waysToStopRunners();
// Each minute.
std::vector<Remedy> waysToCallTheOverseer();
// The last words of the runners.
std::vector<Remedy> waysToReadTheRunnersLog();

// A name as one word of a shell's line.
std::string shellWord(std::string_view name);

// One a line, such as "systemd: systemctl …".
std::string textOf(const std::vector<Remedy>& remedies);

}  // namespace taskqueue::health
