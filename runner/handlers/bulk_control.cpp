#include "runner/handlers/bulk_control.h"

#include <algorithm>
#include <chrono>
#include <iostream>
#include <utility>

#include "module/json/writer.h"
#include "module/platform/random.h"
#include "module/platform/wake.h"
#include "module/queue/task_queue.h"
#include "module/queue/task_state.h"
#include "module/store/maria_store.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

// The handler checks for a stop request after this many tasks.
constexpr int kTasksAtOnce = 200;
constexpr std::chrono::seconds kSearchedAtOnce{1};
constexpr int kMaxCounted = 1'000'000;  // matching tasks are counted up to this number, for the progress

// The schema excludes successful tasks: they are retried by Id only. An empty text is refused because it
// would match all tasks. Filters beside Ids are refused because they would be ignored.
constexpr const char* kRetrySchema = R"({
  "type": "object",
  "properties": {
    "LastStatus": {"enum": ["error", "timeout", "cancelled"]},
    "State": {"enum": ["retrying", "failed", "lost", "cancelled"]},
    "TaskHandlerClass": {"type": "string", "minLength": 1, "maxLength": 255},
    "Queue": {"type": "string", "minLength": 1, "maxLength": 64},
    "q": {"type": "string", "minLength": 1, "maxLength": 255},
    "ErrorCode": {"type": "string", "minLength": 1, "maxLength": 255},
    "ErrorGroup": {"type": "integer", "minimum": 1, "maximum": 2147483647},
    "QueuedFrom": {"type": "integer", "minimum": 0},
    "QueuedUntil": {"type": "integer", "minimum": 0},
    "FromId": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "BeforeId": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "Ids": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "integer", "minimum": 1}}
  },
  "anyOf": [{"required": ["LastStatus"]}, {"required": ["State"]}, {"required": ["Ids"]}],
  "not": {"required": ["Ids"], "minProperties": 2},
  "additionalProperties": false
})";

constexpr const char* kCancelSchema = R"({
  "type": "object",
  "properties": {
    "LastStatus": {"enum": ["scheduled", "running", "error", "timeout"]},
    "State": {"enum": ["waiting", "retrying", "parked", "running"]},
    "TaskHandlerClass": {"type": "string", "minLength": 1, "maxLength": 255},
    "Queue": {"type": "string", "minLength": 1, "maxLength": 64},
    "q": {"type": "string", "minLength": 1, "maxLength": 255},
    "ErrorCode": {"type": "string", "minLength": 1, "maxLength": 255},
    "ErrorGroup": {"type": "integer", "minimum": 1, "maximum": 2147483647},
    "QueuedFrom": {"type": "integer", "minimum": 0},
    "QueuedUntil": {"type": "integer", "minimum": 0},
    "FromId": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "BeforeId": {"type": "integer", "minimum": 0, "maximum": 2147483647},
    "Ids": {"type": "array", "minItems": 1, "maxItems": 1000, "items": {"type": "integer", "minimum": 1}}
  },
  "minProperties": 1,
  "not": {"required": ["Ids"], "minProperties": 2},
  "additionalProperties": false
})";

enum class BulkAction { Retry, Cancel };

TaskFilter parseFilter(const json::Value& data) {
  const auto text = [&](const char* name) {
    const auto member = json::textMember(data, name);
    return member ? std::optional(std::string(*member)) : std::nullopt;
  };
  TaskFilter filter;
  filter.lastStatus = parseRunStatus(text("LastStatus").value_or(""));
  filter.state = parseTaskState(text("State").value_or(""));
  filter.taskHandlerClass = text("TaskHandlerClass");
  filter.queue = text("Queue");
  filter.titlePart = text("q");
  filter.errorCode = text("ErrorCode");
  filter.queuedFrom = json::integerMember(data, "QueuedFrom");
  filter.queuedUntil = json::integerMember(data, "QueuedUntil");
  if (const auto id = json::integerMember(data, "ErrorGroup")) filter.errorGroupId = static_cast<int>(*id);
  if (const auto id = json::integerMember(data, "FromId")) filter.fromId = static_cast<int>(*id);
  if (const auto id = json::integerMember(data, "BeforeId")) filter.beforeId = static_cast<int>(*id);
  return filter;
}

std::vector<int> idsOf(const json::Value& data) {
  std::vector<int> ids;
  const auto member = data.FindMember("Ids");
  if (member == data.MemberEnd() || !member->value.IsArray()) return ids;
  for (const json::Value& id : member->value.GetArray()) ids.push_back(id.IsInt() ? id.GetInt() : 0);
  return ids;
}

class BulkControl : public ITaskHandler {
 public:
  BulkControl(BulkAction action, store::ConnectionSettings settings, store::TableNames names,
              std::string wakeDirectory)
      : action_(action),
        settings_(std::move(settings)),
        names_(std::move(names)),
        wakeDirectory_(std::move(wakeDirectory)) {}

  void handleTaskRun(TaskRun& run) override {
    try {
      work(run);
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
  }

 private:
  void work(TaskRun& run) {
    store::MariaStore store(
        settings_, names_, [] { return platform::randomHex(16); }, &platform::randomChance);
    store.audit.actAs({"task " + std::to_string(run.taskQueueId()), "bulk"});
    LeaseWatch noLeases(std::chrono::seconds{0});
    TaskQueue queue(store.roles(), {}, {}, noLeases);
    const auto& data = dataOf(run);
    const std::vector<int> ids = idsOf(data);
    TaskGridRequest wanted;
    wanted.filter = parseFilter(data);
    wanted.filter.beforeId = std::min(wanted.filter.beforeId.value_or(run.taskQueueId()), run.taskQueueId());
    wanted.filter.limit = kTasksAtOnce;
    wanted.timeLimit = kSearchedAtOnce;
    matched_ = ids.empty() ? store.statistics.countUpTo(wanted.filter, kMaxCounted)
                           : BoundedCount{static_cast<std::int64_t>(ids.size()), false};
    done_ = 0;
    changed_ = 0;
    tell(run);
    if (!ids.empty()) return workOnThese(run, queue, ids);
    for (bool more = true; more;) {
      const TaskGrid grid = store.statistics.readTaskGrid(wanted);
      run.stopIfAsked(soFar());
      for (const Task& task : grid.tasks) changed_ += apply(queue, task.id, task.lastStatus) ? 1 : 0;
      done_ += static_cast<std::int64_t>(grid.tasks.size());
      wanted.from = placeToGoOn(grid, wanted.order);
      more = wanted.from.has_value();
      matched_ = {std::max(matched_.value, done_), matched_.more && more};
      tell(run);
    }
  }

  void workOnThese(TaskRun& run, TaskQueue& queue, const std::vector<int>& ids) {
    for (const int id : ids) {
      if (done_ % kTasksAtOnce == 0) run.stopIfAsked(soFar());
      changed_ += apply(queue, id, std::nullopt) ? 1 : 0;
      if (++done_ % kTasksAtOnce == 0) tell(run);
    }
    tell(run);
  }

  std::string soFar() const {
    return std::to_string(done_) + (matched_.more ? " of at least " : " of ") +
           std::to_string(matched_.value);
  }

  void tell(TaskRun& run) {
    json::Writer results;
    results.startObject().member("Matched", matched_.value).member("Changed", changed_);
    run.setResults(results.member("Skipped", done_ - changed_).endObject().text());
    const std::int64_t percents = 100 * done_ / std::max<std::int64_t>(matched_.value, 1);
    run.setProgress(static_cast<int>(std::min<std::int64_t>(matched_.more ? 99 : 100, percents)), soFar());
    if (action_ == BulkAction::Retry && done_ > 0) platform::wakeRunners(wakeDirectory_);
  }

  // Returns false, with a line in the output, when there was nothing to change.
  bool apply(TaskQueue& queue, int id, std::optional<RunStatus> onlyIf) {
    if (action_ == BulkAction::Cancel) {
      const CancelOutcome outcome = queue.cancelTask(id);
      if (outcome == CancelOutcome::Cancelled || outcome == CancelOutcome::Requested) return true;
      std::cout << "task " << id << " had ended already\n";
      return false;
    }
    switch (queue.retryTask(id, onlyIf)) {
      case RetryOutcome::Scheduled:
        return true;
      case RetryOutcome::StillRunning:
        std::cout << "task " << id << " is running\n";
        break;
      case RetryOutcome::KeyTaken:
        std::cout << "task " << id << ": another live task has its unique key\n";
        break;
      case RetryOutcome::StatusChanged:
        std::cout << "task " << id << " has changed meanwhile\n";
        break;
      case RetryOutcome::NoSuchTask:
        std::cout << "task " << id << " has been deleted\n";
        break;
    }
    return false;
  }

  BulkAction action_;
  store::ConnectionSettings settings_;
  store::TableNames names_;
  std::string wakeDirectory_;
  BoundedCount matched_;
  std::int64_t done_ = 0;
  std::int64_t changed_ = 0;
};

HandlerEntry make(BulkAction action, const char* name, const char* schema, store::ConnectionSettings settings,
                  store::TableNames names, std::string wakeDirectory) {
  HandlerEntry entry;
  entry.taskHandlerClass = name;
  entry.dataSchema = schema;
  entry.settings.priority = 1;  // a person waits for the result
  entry.handler =
      std::make_unique<BulkControl>(action, std::move(settings), std::move(names), std::move(wakeDirectory));
  return entry;
}

}  // namespace

HandlerEntry makeBulkRetry(store::ConnectionSettings settings, store::TableNames names,
                           std::string wakeDirectory) {
  return make(BulkAction::Retry, "BulkRetry", kRetrySchema, std::move(settings), std::move(names),
              std::move(wakeDirectory));
}

HandlerEntry makeBulkCancel(store::ConnectionSettings settings, store::TableNames names,
                            std::string wakeDirectory) {
  return make(BulkAction::Cancel, "BulkCancel", kCancelSchema, std::move(settings), std::move(names),
              std::move(wakeDirectory));
}

}  // namespace taskqueue::handlers
