// Whether the queue is well: each thing that must hold, how it stands, and what mends it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/queue/task_queue.h"
#include "module/web/remedies.h"

namespace taskqueue::web {

enum class Health { Ok, Warning, Failed };

std::string_view wordOf(Health health);  // ok, warning, failed

struct HealthCheck {
  std::string name;
  Health state = Health::Ok;
  std::string text;                   // how it stands; the values stand in for its %1, %2 … (see textOf)
  std::vector<Remedy> remedies = {};  // that mend it, one of them each; empty: there is nothing to mend
  std::vector<std::string> values = {};
};

// The text with its values, in English.
std::string textOf(const HealthCheck& check);

// Looks at the database, the schema, the runners, the overseer and the schedules. Never throws StoreError:
// that is a failed check.
std::vector<HealthCheck> checkHealth(TaskStore& store,
                                     const std::function<std::optional<std::string>()>& schemaProblem,
                                     const QueueLimits& limits = {});

// The worst of them.
Health worstOf(const std::vector<HealthCheck>& checks);

}  // namespace taskqueue::web
