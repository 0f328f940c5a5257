#include "module/health/check.h"
#include "module/queue/time_units.h"

#include <algorithm>

#include "module/texts/texts.h"

namespace taskqueue::health {

std::string_view toString(Health health) {
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

std::optional<Health> parseHealth(std::string_view word) {
  for (const Health health : {Health::Ok, Health::Warning, Health::Failed}) {
    if (toString(health) == word) return health;
  }
  return std::nullopt;
}

std::string textOf(const HealthCheck& check) {
  return filledIn(check.text, check.values);
}

std::string causeKey(const HealthCheck& check) {
  return check.event + (check.subject.empty() ? "" : " " + check.subject);
}

std::string spanText(std::int64_t seconds) {
  seconds = std::max<std::int64_t>(seconds, 0);
  if (seconds < 2 * kMinuteSeconds) return std::to_string(seconds) + " s";
  if (seconds < 2 * kHourSeconds) return std::to_string(seconds / kMinuteSeconds) + " min";
  if (seconds < 2 * kDaySeconds) return std::to_string(seconds / kHourSeconds) + " h";
  return std::to_string(seconds / kDaySeconds) + " d";
}

}  // namespace taskqueue::health
