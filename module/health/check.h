// One finding of the health checks: how something stands, since when, how many, and what mends it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/health/remedies.h"
#include "module/queue/task.h"
#include "module/texts/marked.h"

namespace taskqueue::health {

enum class Health { Ok, Warning, Failed };

std::string_view wordOf(Health health);  // ok, warning, failed
std::optional<Health> healthOf(std::string_view word);

struct HealthCheck {
  std::string name{};   // of the check; set by the list of checks
  std::string event{};  // of the message to operators, such as queue.waits; set by the list of checks
  Health state = Health::Ok;
  std::string text{};  // how it stands; the values stand in for its %1, %2 … (see textOf)
  std::vector<std::string> values = {};
  std::string subject = {};  // the queue, handler, table … that is meant; empty: all
  std::optional<UnixSeconds> since = {};
  std::optional<std::int64_t> count = {};  // tasks, runs, runners … that are concerned
  std::vector<Remedy> remedies = {};       // that mend it, one of them each; empty: there is nothing to mend
  std::map<std::string, std::int64_t> numbers = {};  // further members of the message to operators
  // Whether operators are told; absent: when it is not ok.
  std::optional<bool> isTold = {};

  bool tellsOperators() const { return isTold.value_or(state != Health::Ok); }
};

// The text with its values, in English.
std::string textOf(const HealthCheck& check);

// The event and its subject, in a few printable words: the same for the same cause.
std::string causeOf(const HealthCheck& check);

// "45 s", "12 min", "3 h", "2 d".
std::string spanText(std::int64_t seconds);

}  // namespace taskqueue::health
