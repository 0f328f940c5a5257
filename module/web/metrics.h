// How the queue is, in the text format of Prometheus.
#pragma once

#include <string>

#include "module/queue/task_store.h"

namespace taskqueue::web {

// The lines of GET metrics. Reads the tables; throws StoreError.
std::string metricsText(TaskStore& store);

}  // namespace taskqueue::web
