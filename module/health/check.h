// A finding of the health checks: a state, its time, a count, and the fixes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/health/fixes.h"
#include "module/queue/task.h"
#include "module/texts/marked.h"

namespace taskqueue::health {

enum class Health { Ok, Warning, Failed };
inline constexpr std::array kAllHealth{Health::Ok, Health::Warning, Health::Failed};

std::string_view toString(Health health);  // ok, warning, failed
std::optional<Health> parseHealth(std::string_view word);

struct HealthCheck {
  std::string name{};   // the check's name; the list of checks sets it
  std::string event{};  // event in messages to operators, such as queue.waits; the list of checks sets it
  Health state = Health::Ok;
  std::string text{};  // describes the state; `values` replace its %1, %2 … (see textOf)
  std::vector<std::string> values = {};
  std::string subject = {};  // the queue, handler, table … concerned; empty: all
  std::optional<UnixSeconds> since = {};
  std::optional<std::int64_t> count = {};  // number of tasks, runs, runners … concerned
  std::vector<Fix> fixes = {};             // alternatives that mend it; empty: nothing needs to be done
  std::map<std::string, std::int64_t> numbers = {};  // additional members of the message to operators
  // Says whether operators are notified. If absent, they are notified unless the state is Ok.
  std::optional<bool> isNotified = {};

  bool notifiesOperators() const { return isNotified.value_or(state != Health::Ok); }
};

// Returns the English text with its values.
std::string textOf(const HealthCheck& check);

// Returns the event and its subject as short printable text. The same cause gives the same text.
std::string causeKey(const HealthCheck& check);

// Formats a time span, such as "45 s", "12 min", "3 h" or "2 d".
std::string spanText(std::int64_t seconds);

}  // namespace taskqueue::health
