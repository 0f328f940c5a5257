#include "module/command_line/doctor/health_list.h"

#include <sysexits.h>

#include <iostream>

#include "module/health/health.h"
#include "module/platform/terminal_text.h"
#include "module/queue/waiting.h"

namespace taskqueue::command_line {
namespace {

using platform::terminalText;

// Returns "  since 2026-01-31 08:30:00 UTC" for a problem whose begin is known, otherwise an empty text.
std::string sinceText(const health::HealthCheck& check) {
  if (check.state == health::Health::Ok || !check.since) return "";
  return "  since " + utcText(*check.since);
}

}  // namespace

int printHealth(const std::vector<health::HealthCheck>& checks) {
  for (const health::HealthCheck& check : checks) {
    std::cout << toString(check.state) << "  " << check.name << "  "
              << (check.subject.empty() ? "" : terminalText(check.subject) + "  ")
              << terminalText(textOf(check)) << sinceText(check) << "\n";
    if (check.state == health::Health::Ok) continue;
    for (const health::Fix& fix : check.fixes)
      std::cout << "  fix: " << terminalText(health::textOf({fix})) << "\n";
  }
  return worstHealth(checks) == health::Health::Failed ? 1 : EX_OK;
}

}  // namespace taskqueue::command_line
