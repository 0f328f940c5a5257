// Reads and writes schedules as JSON. Members are named after the columns.
#pragma once

#include <variant>
#include <vector>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/task_queue.h"

namespace taskqueue::web {

// Reads a schedule from a JSON object, or returns the problems of its members. Missing members get their
// defaults.
std::variant<ScheduleDefinition, std::vector<InputError>> parseSchedule(const json::Value& object);

// Leaves the JSON object open.
void writeSchedule(json::Writer& to, const Schedule& schedule);
void writeFiring(json::Writer& to, const ScheduleFiring& firing);

}  // namespace taskqueue::web
