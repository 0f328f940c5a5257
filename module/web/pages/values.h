// What templates show of tasks and runs. The names are the column names.
#pragma once

#include <kainjow/mustache.hpp>

#include "module/queue/run.h"
#include "module/queue/task.h"

namespace taskqueue::web {

void describe(kainjow::mustache::data& to, const Task& task);
void describe(kainjow::mustache::data& to, const Run& run);

}  // namespace taskqueue::web
