// Reads and writes tasks, runs, runners and handlers as JSON. Members are named after the columns.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/task_queue.h"
#include "module/queue/waiting.h"

namespace taskqueue::web {

// Reads a task from a JSON object, or returns the problems of its members. `prefix` precedes their JSON
// pointers.
// Reads the members of a change: those of TaskChange, and Version. Errors name the members that are wrong.
struct ParsedChange {
  TaskChange change;
  std::optional<std::string> version;
  std::vector<InputError> errors;
};
ParsedChange parseTaskChange(const json::Value& object);

std::variant<NewTask, std::vector<InputError>> parseNewTask(const json::Value& object,
                                                            const std::string& prefix);

// Writes stored JSON unchanged, or as a string if it is not valid JSON.
void writeStored(json::Writer& to, std::string_view name, const std::string& stored);
void writeTask(json::Writer& to, const Task& task, const TaskNotification& notify);
// Writes all members except TaskData, and leaves the JSON object open.
void writeListedTask(json::Writer& to, const Task& task);
void writeRun(json::Writer& to, const Run& run);
// Writes {"Tasks": […], "After"}. After is the Id after which the list continues, or null at its end.
void writeTaskList(json::Writer& to, const std::vector<Task>& tasks, std::optional<int> after);
// Writes {"Task", "WaitReason", "Runs"}.
void writeTaskWithRuns(json::Writer& to, const WaitFacts& facts, const TaskNotification& notify,
                       const std::vector<Run>& runs);
// Writes {NAME: […]}; `write` writes each item.
template <typename Item, typename Write>
void writeObjectWithArray(json::Writer& to, std::string_view name, const std::vector<Item>& items,
                          Write write) {
  to.startObject().key(name).startArray();
  for (const Item& item : items) write(to, item);
  to.endArray().endObject();
}
void writeRunner(json::Writer& to, const Runner& runner);
void writeHandler(json::Writer& to, const HandlerDeclaration& handler);

}  // namespace taskqueue::web
