#include "module/health/fixes.h"

#include "module/texts/texts.h"

namespace taskqueue::health {

std::vector<Fix> commandsToStartRunners() {
  return {{"supervisorctl start task-runner:*", "supervisord"},
          {"systemctl start task-runner@1 task-runner@2", "systemd"},
          {"* * * * * taskqueue event task-runner:OnProcess", "cron"}};
}

std::vector<Fix> commandsToScheduleOverseer() {
  return {{"* * * * * taskqueue event task-queue:OnProcess", "cron"},
          {"systemctl enable --now taskqueue-overseer.timer", "systemd"}};
}

std::vector<Fix> commandsToReadRunnerLog() {
  return {{"supervisorctl tail task-runner:task-runner_00", "supervisord"},
          {"journalctl -u 'task-runner@*' -n 50", "systemd"}};
}

std::string quoteForShell(std::string_view name) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:@%+=,";
  if (!name.empty() && name.find_first_not_of(kPlain) == std::string_view::npos) return std::string(name);
  std::string word = "'";
  for (const char c : name) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

std::string textOf(const std::vector<Fix>& fixes) {
  std::string text;
  for (const Fix& fix : fixes) {
    if (!text.empty()) text += "\n";
    if (!fix.serviceManager.empty()) text += fix.serviceManager + ": ";
    text += filledIn(fix.command, fix.values);
  }
  return text;
}

}  // namespace taskqueue::health
