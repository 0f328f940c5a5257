// Tasks, runs, runners and handlers as JSON. Member names are the column names.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "module/json/read.h"
#include "module/json/writer.h"
#include "module/queue/task_queue.h"
#include "module/queue/waiting.h"

namespace taskqueue::web {

// A task from an object of the API, or what is wrong with its members. `prefix` goes before their pointers.
std::variant<NewTask, std::vector<InputError>> parseNewTask(const json::Value& object,
                                                            const std::string& prefix);

// Text that should be JSON: as it is, or as a string when it is not.
void writeStored(json::Writer& to, std::string_view name, const std::string& stored);
void writeTask(json::Writer& to, const Task& task, const TaskNotification& notify);
// All but TaskData; the object stays open.
void writeListedTask(json::Writer& to, const Task& task);
void writeRun(json::Writer& to, const Run& run);
// {"Tasks": […], "After"}: the Id behind which the list goes on, null at its end.
void writeTaskList(json::Writer& to, const std::vector<Task>& tasks, std::optional<int> after);
// {"Task", "WaitReason", "Runs"}
void writeTaskWithRuns(json::Writer& to, const WaitFacts& facts, const TaskNotification& notify,
                       const std::vector<Run>& runs);
// {NAME: […]}, each written by `write`.
template <typename Item, typename Write>
void writeList(json::Writer& to, std::string_view name, const std::vector<Item>& items, Write write) {
  to.startObject().key(name).startArray();
  for (const Item& item : items) write(to, item);
  to.endArray().endObject();
}
void writeRunner(json::Writer& to, const Runner& runner);
void writeHandler(json::Writer& to, const HandlerDeclaration& handler);

}  // namespace taskqueue::web
