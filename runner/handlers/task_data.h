// Parses the TaskData of a run, for the handlers that ship with the runner.
#pragma once

#include "module/json/read.h"
#include "runner/handlers/task_handler.h"

namespace taskqueue::handlers {

// The queue has validated TaskData, so unreadable JSON just becomes an empty object.
inline json::Document dataOf(const TaskRun& run) {
  constexpr json::Limits kChecked{.bytes = INT64_MAX, .depth = 100, .members = INT32_MAX};
  auto parsed = json::read(run.taskData(), kChecked);
  if (auto* data = std::get_if<json::Document>(&parsed)) return std::move(*data);
  json::Document empty;
  empty.SetObject();
  return empty;
}

}  // namespace taskqueue::handlers
