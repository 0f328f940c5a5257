// Checks TaskData against the limits and against its handler's JSON Schema.
#pragma once

#include <string_view>
#include <vector>

#include "module/json/read.h"
#include "module/queue/task_queue.h"

namespace taskqueue::json {

// Everything that is wrong with the data, named by JSON pointers into it; empty: it fits.
std::vector<InputError> checkTaskData(std::string_view taskData, std::string_view schema,
                                      const Limits& limits);

// Whether the text is a JSON Schema that we can use; the problem, or nothing.
std::optional<std::string> problemOfSchema(std::string_view schema);

Limits taskDataLimits(const QueueLimits& limits);

}  // namespace taskqueue::json
