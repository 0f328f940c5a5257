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

// A handler's JSON Schema, made ready once and used for many tasks. Copies share it; so may threads.
class DataSchema {
 public:
  explicit DataSchema(std::string_view schema);  // empty: any object fits

  // Everything that is wrong with the data, named by JSON pointers into it; empty: it fits.
  std::vector<InputError> check(std::string_view taskData, const Limits& limits) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
  std::optional<std::string> problem_;
};

// Checks tasks against the schemas of their handlers, each made ready when it is first met and kept. Belongs
// to one thread; copies share what is ready.
class TaskDataCheck {
 public:
  explicit TaskDataCheck(Limits limits) : limits_(limits) {}

  // As DataSchema::check.
  std::vector<InputError> operator()(std::string_view taskData, std::string_view schema);

 private:
  static constexpr std::size_t kMostKept = 100;  // schemas; then it begins anew

  Limits limits_;
  std::map<std::string, DataSchema, std::less<>> ready_;
};

// The same for one task.
std::vector<InputError> checkTaskData(std::string_view taskData, std::string_view schema,
                                      const Limits& limits);

// Whether the text is a JSON Schema that we can use; the problem, or nothing.
std::optional<std::string> problemOfSchema(std::string_view schema);

Limits taskDataLimits(const QueueLimits& limits);

}  // namespace taskqueue::json
