#include "module/web/remedies.h"

namespace taskqueue::web {

std::vector<Remedy> waysToStartRunners() {
  return {{"supervisorctl start task-runner:*", "supervisord"},
          {"systemctl start task-runner@1 task-runner@2", "systemd"},
          {"* * * * * taskqueue event task-runner:OnProcess", "cron"}};
}

std::vector<Remedy> waysToStopRunners() {
  return {{"supervisorctl stop task-runner:*", "supervisord"},
          {"systemctl disable --now task-runner@1 task-runner@2", "systemd"},
          {"rm /etc/cron.d/taskqueue; pkill -TERM -u taskqueue task-runner", "cron"}};
}

std::vector<Remedy> waysToCallTheOverseer() {
  return {{"* * * * * taskqueue event task-queue:OnProcess", "cron"},
          {"systemctl enable --now taskqueue-overseer.timer", "systemd"}};
}

std::string textOf(const std::vector<Remedy>& remedies) {
  std::string text;
  for (const Remedy& remedy : remedies) {
    if (!text.empty()) text += "\n";
    if (!remedy.keeper.empty()) text += remedy.keeper + ": ";
    text += remedy.line;
  }
  return text;
}

}  // namespace taskqueue::web
