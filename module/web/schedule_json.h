// Schedules as JSON. Member names are the column names.
#pragma once

#include <variant>
#include <vector>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/task_queue.h"

namespace taskqueue::web {

// A schedule from an object of the API, or what is wrong with its members; what is left out has its default.
std::variant<ScheduleDefinition, std::vector<InputError>> parseSchedule(const json::Value& object);

// The object stays open.
void writeSchedule(json::Writer& to, const Schedule& schedule);
void writeFiring(json::Writer& to, const ScheduleFiring& firing);

}  // namespace taskqueue::web
