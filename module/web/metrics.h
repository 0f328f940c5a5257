// Writes the state of the queue in the text format of Prometheus.
#pragma once

#include <string>
#include <vector>

#include "module/health/check.h"
#include "module/queue/store/stores.h"

namespace taskqueue::web {

// Returns the body of GET metrics, including the health checks. Reads the tables and throws StoreError.
std::string metricsText(const Stores& stores, const std::vector<health::HealthCheck>& checks);

}  // namespace taskqueue::web
