#include "module/web/task_json.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "module/json/handler_settings.h"
#include "module/json/runner_problems.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::web {
namespace {

// Sets a member. Returns nullptr, or the type that the member must have.
using SetTaskMember = std::function<const char*(NewTask&, const json::Value&)>;

SetTaskMember text(std::optional<std::string> NewTask::*member) {
  return [member](NewTask& task, const json::Value& value) -> const char* {
    if (value.IsNull()) return nullptr;
    if (!value.IsString()) return "a string";
    task.*member = json::textOf(value);
    return nullptr;
  };
}

SetTaskMember number(std::optional<int> NewTask::*member) {
  return [member](NewTask& task, const json::Value& value) -> const char* {
    if (value.IsNull()) return nullptr;
    if (!value.IsInt()) return "a whole number within 32 bits";
    task.*member = value.GetInt();
    return nullptr;
  };
}

SetTaskMember text(std::string NewTask::*member) {
  return [member](NewTask& task, const json::Value& value) -> const char* {
    if (!value.IsString()) return "a string";
    task.*member = json::textOf(value);
    return nullptr;
  };
}

SetTaskMember number(int NewTask::*member) {
  return [member](NewTask& task, const json::Value& value) -> const char* {
    if (!value.IsInt()) return "a whole number within 32 bits";
    task.*member = value.GetInt();
    return nullptr;
  };
}

const std::map<std::string, SetTaskMember, std::less<>>& taskMembers() {
  static const std::map<std::string, SetTaskMember, std::less<>> all{
      {"TaskHandlerClass", text(&NewTask::taskHandlerClass)},
      {"Title", text(&NewTask::title)},
      {"Queue", text(&NewTask::queue)},
      {"QueuedById", number(&NewTask::queuedById)},
      {"MaxRetries", number(&NewTask::maxRetries)},
      {"Priority", number(&NewTask::priority)},
      {"UniqueKey", text(&NewTask::uniqueKey)},
      {"UniqueSeconds", number(&NewTask::uniqueSeconds)},
      {"ConcurrencyKey", text(&NewTask::concurrencyKey)},
      {"NotifyTo", text(&NewTask::notifyTo)},
      {"NotifyLanguage", text(&NewTask::notifyLanguage)},
      {"NotifyOn",
       [](NewTask& task, const json::Value& value) -> const char* {
         const auto on = value.IsString() ? parseNotifyOn(json::textOf(value)) : std::nullopt;
         if (!on) return "never, success, failure or both";
         task.notifyOn = *on;
         return nullptr;
       }},
      {"UniqueMode",
       [](NewTask& task, const json::Value& value) -> const char* {
         const auto mode = value.IsString() ? parseUniqueMode(json::textOf(value)) : std::nullopt;
         if (!mode) return "keep, replace or window";
         task.uniqueMode = *mode;
         return nullptr;
       }},
      {"ScheduledOn",
       [](NewTask& task, const json::Value& value) -> const char* {
         if (value.IsNull()) return nullptr;
         if (!value.IsInt64()) return "whole unix seconds";
         task.scheduledOn = value.GetInt64();
         return nullptr;
       }},
      {"TaskData",
       [](NewTask& task, const json::Value& value) -> const char* {
         if (!value.IsObject()) return "an object";
         task.taskData = json::write(value);
         return nullptr;
       }},
  };
  return all;
}

}  // namespace

std::variant<NewTask, std::vector<InputError>> parseNewTask(const json::Value& object,
                                                            const std::string& prefix) {
  if (!object.IsObject()) return std::vector<InputError>{{prefix, "must be an object"}};
  NewTask task;
  std::vector<InputError> errors;
  for (const auto& member : object.GetObject()) {
    const std::string name(json::textOf(member.name));
    const auto known = taskMembers().find(name);
    if (known == taskMembers().end()) {
      errors.push_back(
          {prefix + "/" + std::string(cutAtCharacter(name, kQuotedBytes)), "is not a member of a task"});
    } else if (const char* type = known->second(task, member.value)) {
      errors.push_back({prefix + "/" + name, std::string("must be ") + type});
    }
  }
  if (!object.HasMember("TaskHandlerClass")) errors.push_back({prefix + "/TaskHandlerClass", "is missing"});
  if (!errors.empty()) return errors;
  return task;
}

ParsedChange parseTaskChange(const json::Value& object) {
  constexpr std::array<std::string_view, 6> kChangeable{"Title",    "TaskData",   "Queue",
                                                        "Priority", "MaxRetries", "ScheduledOn"};
  ParsedChange to;
  if (!object.IsObject()) {
    to.errors.push_back({"", "must be an object"});
    return to;
  }
  NewTask read;
  for (const auto& member : object.GetObject()) {
    const std::string name(json::textOf(member.name));
    const bool isVersion = name == "Version";
    if (isVersion && member.value.IsString()) to.version = std::string(json::textOf(member.value));
    if (isVersion && !member.value.IsString()) to.errors.push_back({"/Version", "must be a string"});
    if (isVersion) continue;
    if (std::find(kChangeable.begin(), kChangeable.end(), name) == kChangeable.end()) {
      to.errors.push_back({"/" + std::string(cutAtCharacter(name, kQuotedBytes)),
                           "cannot be changed; Title, TaskData, Queue, Priority, MaxRetries and ScheduledOn can"});
    } else if (member.value.IsNull()) {
      to.errors.push_back({"/" + name, "must not be null: leave it out to keep it as it is"});
    } else if (const char* type = taskMembers().find(name)->second(read, member.value)) {
      to.errors.push_back({"/" + name, std::string("must be ") + type});
    }
  }
  if (object.HasMember("Title")) to.change.title = read.title;
  if (object.HasMember("TaskData")) to.change.taskData = read.taskData;
  to.change.queue = read.queue;
  to.change.priority = read.priority;
  to.change.maxRetries = read.maxRetries;
  to.change.scheduledOn = read.scheduledOn;
  return to;
}

// TaskData and Results are stored as text. Text that is not JSON, for example written by hand, is shown as a
// string.
void writeStored(json::Writer& to, std::string_view name, const std::string& stored) {
  constexpr json::Limits kAnyStored{.bytes = 64 << 20, .depth = 100, .members = 10000000};
  to.key(name);
  if (std::holds_alternative<json::Document>(json::read(stored, kAnyStored))) {
    to.raw(stored);
  } else {
    to.value(stored);
  }
}

void writeListedTask(json::Writer& to, const Task& task) {
  to.startObject().member("Id", task.id).member("TaskHandlerClass", task.taskHandlerClass);
  to.member("ScheduledOn", task.scheduledOn).member("QueuedOn", task.queuedOn);
  to.member("QueuedById", task.queuedById).member("LastStatus", toString(task.lastStatus));
  to.member("MaxRetries", task.maxRetries).member("TaskRunsFailed", task.taskRunsFailed);
  to.member("Queue", task.queue).member("Priority", task.priority).member("NextRunOn", task.nextRunOn);
  to.member("UniqueKey", task.uniqueKey).member("ConcurrencyKey", task.concurrencyKey);
  to.member("Superseded", task.superseded).member("Title", task.title);
  to.member("ParkedReason", task.parkedReason);
}

void writeTask(json::Writer& to, const Task& task, const TaskNotification& notify) {
  writeListedTask(to, task);
  to.member("NotifyOn", toString(notify.on)).member("NotifyTo", notify.to);
  to.member("NotifyLanguage", notify.language).member("NotificationTaskId", notify.taskId);
  to.member("Version", versionOf(task));
  writeStored(to, "TaskData", task.taskData);
  to.endObject();
}
void writeRun(json::Writer& to, const Run& run) {
  to.startObject().member("Id", run.id).member("TaskQueueId", run.taskQueueId).member("Attempt", run.attempt);
  to.member("StartedOn", run.startedOn).member("FinishedOn", run.finishedOn);
  to.member("PercentsCompleted", run.percentsCompleted).member("ProgressNote", run.progressNote);
  if (run.results) {
    writeStored(to, "Results", *run.results);
  } else {
    to.key("Results").null();
  }
  to.member("Status", toString(run.status)).member("ErrorCode", run.errorCode);
  to.member("ErrorMessage", run.errorMessage).member("TaskRunnerId", run.taskRunnerId);
  to.member("CancelRequestedOn", run.cancelRequestedOn).member("RunMs", run.runMs);
  to.member("ExitStatus", run.use.exitStatus).member("ExitSignal", run.use.exitSignal);
  to.member("UserCpuMs", run.use.userCpuMs).member("SystemCpuMs", run.use.systemCpuMs);
  to.member("MaxRssKb", run.use.maxRssKb).member("StandardOutputBytes", run.standardOutputBytes);
  to.member("StandardOutputDropped", run.standardOutputDropped)
      .member("ErrorOutputBytes", run.errorOutputBytes);
  to.member("ErrorOutputDropped", run.errorOutputDropped).endObject();
}

void writeTaskList(json::Writer& to, const std::vector<Task>& tasks, std::optional<int> after) {
  to.startObject().key("Tasks").startArray();
  for (const Task& task : tasks) {
    writeListedTask(to, task);
    to.endObject();
  }
  to.endArray().member("After", after).endObject();
}

void writeTaskWithRuns(json::Writer& to, const WaitFacts& facts, const TaskNotification& notify,
                       const std::vector<Run>& runs) {
  to.startObject().key("Task");
  writeTask(to, facts.task, notify);
  to.key("WaitReason");
  if (const auto reason = findWaitReason(facts)) {
    to.startObject().member("Code", reason->code).member("Text", reason->text);
    to.member("Help", suggestHelp(*reason, facts)).endObject();
  } else {
    to.null();
  }
  to.key("Runs").startArray();
  for (const Run& run : runs) writeRun(to, run);
  to.endArray().endObject();
}

void writeRunner(json::Writer& to, const Runner& runner) {
  to.startObject().member("Id", runner.id).member("ProcessId", runner.identity.processId);
  to.member("HostName", runner.identity.hostName).member("StartedOn", runner.startedOn);
  to.member("FinishedOn", runner.finishedOn).member("Status", toString(runner.status));
  to.member("LastHeartbeatOn", runner.lastHeartbeatOn)
      .member("HeartbeatAgeSeconds", runner.heartbeatAgeSeconds);
  to.member("Version", runner.version).member("Queues", runner.queues).member("Slots", runner.slots);
  to.member("MemoryKb", runner.memoryKb).member("DrainRequestedOn", runner.drainRequestedOn);
  to.member("StopRequestedOn", runner.stopRequestedOn);
  to.member("ActiveRuns", runner.activeRuns).key("Problems");
  json::writeRunnerProblems(to, runner.problems);
  to.endObject();
}

void writeHandler(json::Writer& to, const HandlerDeclaration& handler) {
  to.startObject().member("TaskHandlerClass", handler.taskHandlerClass).member("Kind", handler.kind);
  to.key("DataSchema");
  if (handler.dataSchema.empty()) {
    to.null();
  } else {
    to.raw(handler.dataSchema);
  }
  json::writeHandlerSettings(to, handler.settings, json::Undeclared::IsNull);
  to.member("LiveRunners", handler.liveRunners).member("OfferedUntil", handler.offeredUntil).endObject();
}

}  // namespace taskqueue::web
