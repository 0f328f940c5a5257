// Checks TaskData against the limits and against its handler's JSON Schema.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/json/read.h"
#include "module/queue/task_queue.h"

namespace taskqueue::json {

// A compiled JSON Schema of a handler. Copies share the compiled schema, and several threads may use it.
class DataSchema {
 public:
  explicit DataSchema(std::string_view schema);  // an empty text accepts any object

  // Returns the errors of the data with JSON pointers into it. An empty list means that the data is valid.
  std::vector<InputError> check(std::string_view taskData, const Limits& limits) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
  std::optional<std::string> problem_;
};

// Checks tasks against the schemas of their handlers, and caches the compiled schemas. An object belongs to
// one thread; copies share the compiled schemas.
class TaskDataCheck {
 public:
  explicit TaskDataCheck(Limits limits) : limits_(limits) {}

  // Returns errors like DataSchema::check().
  std::vector<InputError> operator()(std::string_view taskData, std::string_view schema);

 private:
  static constexpr std::size_t kMaxCached = 100;  // most cached schemas; a full cache is emptied

  Limits limits_;
  std::map<std::string, DataSchema, std::less<>> ready_;
};

// Checks one task without a cache.
std::vector<InputError> checkTaskData(std::string_view taskData, std::string_view schema,
                                      const Limits& limits);

// Returns the problem that makes a JSON Schema unusable, or nothing.
std::optional<std::string> findSchemaProblem(std::string_view schema);

Limits taskDataLimits(const QueueLimits& limits);

}  // namespace taskqueue::json
