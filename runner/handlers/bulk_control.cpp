#include "runner/handlers/bulk_control.h"

#include <iostream>
#include <utility>

#include "module/json/writer.h"
#include "module/platform/random.h"
#include "module/platform/wake.h"
#include "module/store/maria_task_store.h"
#include "runner/handlers/task_data.h"

namespace taskqueue::handlers {
namespace {

constexpr int kTasksAtOnce = 200;  // between two looks at a wish to stop

// What has succeeded is retried only by name, one by one. An empty text would match all tasks.
constexpr const char* kRetrySchema = R"({
  "type": "object",
  "properties": {
    "LastStatus": {"enum": ["error", "timeout", "cancelled"]},
    "TaskHandlerClass": {"type": "string", "minLength": 1, "maxLength": 255},
    "Queue": {"type": "string", "minLength": 1, "maxLength": 64},
    "q": {"type": "string", "minLength": 1, "maxLength": 255}
  },
  "required": ["LastStatus"],
  "additionalProperties": false
})";

constexpr const char* kCancelSchema = R"({
  "type": "object",
  "properties": {
    "LastStatus": {"enum": ["scheduled", "running", "error", "timeout"]},
    "TaskHandlerClass": {"type": "string", "minLength": 1, "maxLength": 255},
    "Queue": {"type": "string", "minLength": 1, "maxLength": 64},
    "q": {"type": "string", "minLength": 1, "maxLength": 255}
  },
  "minProperties": 1,
  "additionalProperties": false
})";

enum class Deed { Retry, Cancel };

TaskFilter filterOf(const json::Value& data) {
  const auto text = [&](const char* name) {
    const auto member = json::textMember(data, name);
    return member ? std::optional(std::string(*member)) : std::nullopt;
  };
  TaskFilter filter;
  filter.lastStatus = runStatusOf(text("LastStatus").value_or(""));
  filter.taskHandlerClass = text("TaskHandlerClass");
  filter.queue = text("Queue");
  filter.titlePart = text("q");
  return filter;
}

class BulkControl : public ITaskHandler {
 public:
  BulkControl(Deed deed, store::ConnectionSettings settings, store::TableNames names,
              std::string runDirectory)
      : deed_(deed),
        settings_(std::move(settings)),
        names_(std::move(names)),
        runDirectory_(std::move(runDirectory)) {}

  void handleTaskRun(TaskRun& run) override {
    try {
      work(run);
    } catch (const StoreError& error) {
      throw TaskError("database", error.what());
    }
  }

 private:
  void work(TaskRun& run) {
    store::MariaTaskStore store(
        settings_, names_, [] { return platform::randomHex(16); }, &platform::randomChance);
    TaskFilter filter = filterOf(dataOf(run));
    filter.beforeId = run.taskQueueId();
    filter.limit = kTasksAtOnce;
    const std::int64_t matched = store.countTasks(filter);
    std::int64_t done = 0;
    std::int64_t changed = 0;
    const auto tell = [&] {
      json::Writer results;
      results.startObject().member("Matched", matched).member("Changed", changed);
      run.setResults(results.member("Skipped", done - changed).endObject().text());
    };
    tell();
    for (auto tasks = store.findTasks(filter); !tasks.empty(); tasks = store.findTasks(filter)) {
      for (const Task& task : tasks) {
        changed += apply(store, task) ? 1 : 0;
        ++done;
      }
      filter.beforeId = tasks.back().id;
      tell();
      run.setProgress(
          static_cast<int>(std::min<std::int64_t>(100, 100 * done / std::max<std::int64_t>(matched, 1))),
          std::to_string(done) + " of " + std::to_string(matched));
      if (deed_ == Deed::Retry) platform::wakeRunners(runDirectory_);
      if (run.isCancelled()) throw TaskError("cancelled", "The run was asked to stop.");
    }
  }

  // False, with a word in the output, when there was nothing to change.
  bool apply(TaskStore& store, const Task& task) {
    const int id = task.id;
    if (deed_ == Deed::Cancel) {
      const CancelOutcome outcome = store.cancelTask(id);
      if (outcome == CancelOutcome::Cancelled || outcome == CancelOutcome::Requested) return true;
      std::cout << "task " << id << " had ended already\n";
      return false;
    }
    switch (store.retryTask(id, task.lastStatus)) {
      case RetryOutcome::Scheduled:
        return true;
      case RetryOutcome::StillRunning:
        std::cout << "task " << id << " is running\n";
        break;
      case RetryOutcome::KeyTaken:
        std::cout << "task " << id << ": another live task has its unique key\n";
        break;
      case RetryOutcome::StatusChanged:
        std::cout << "task " << id << " is no longer " << wordOf(task.lastStatus) << "\n";
        break;
      case RetryOutcome::NoSuchTask:
        std::cout << "task " << id << " has been deleted\n";
        break;
    }
    return false;
  }

  Deed deed_;
  store::ConnectionSettings settings_;
  store::TableNames names_;
  std::string runDirectory_;
};

HandlerEntry make(Deed deed, const char* name, const char* schema, store::ConnectionSettings settings,
                  store::TableNames names, std::string runDirectory) {
  HandlerEntry entry;
  entry.taskHandlerClass = name;
  entry.dataSchema = schema;
  entry.settings.priority = 1;  // somebody waits for it
  entry.handler =
      std::make_unique<BulkControl>(deed, std::move(settings), std::move(names), std::move(runDirectory));
  return entry;
}

}  // namespace

HandlerEntry makeBulkRetry(store::ConnectionSettings settings, store::TableNames names,
                           std::string runDirectory) {
  return make(Deed::Retry, "BulkRetry", kRetrySchema, std::move(settings), std::move(names),
              std::move(runDirectory));
}

HandlerEntry makeBulkCancel(store::ConnectionSettings settings, store::TableNames names,
                            std::string runDirectory) {
  return make(Deed::Cancel, "BulkCancel", kCancelSchema, std::move(settings), std::move(names),
              std::move(runDirectory));
}

}  // namespace taskqueue::handlers
