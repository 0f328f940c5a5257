// How the queue is, in the text format of Prometheus.
#pragma once

#include <string>
#include <vector>

#include "module/health/check.h"
#include "module/queue/task_store.h"

namespace taskqueue::web {

// The lines of GET metrics, with those of the health checks. Reads the tables; throws StoreError.
std::string metricsText(TaskStore& store, const std::vector<health::HealthCheck>& checks);

}  // namespace taskqueue::web
