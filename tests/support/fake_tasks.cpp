// The fake store: enqueueing, reading, control and the overseer. The runner's functions are in fake_sync.cpp.
#include "tests/support/fake_store.h"

#include <algorithm>
#include <set>

#include "module/json/notification.h"
#include "tests/support/fake_output.h"

namespace taskqueue::test_support {
// ── enqueueing ─────────────────────────────────────────────────────────────────────────────────────────────

InsertOutcome FakeTables::insert(std::span<const NewTask> wanted, const std::optional<IdempotencyKey>& key) {
  InsertOutcome outcome;
  if (key && requests.contains(key->key)) {
    const FakeRequest& earlier = requests.at(key->key);
    outcome.keyMisused = earlier.hash != key->requestHash;
    if (outcome.keyMisused) return outcome;
    outcome.replayed = true;
    outcome.tasks = earlier.tasks;
    return outcome;
  }
  for (const NewTask& task : wanted) {
    const auto live = std::find_if(tasks.begin(), tasks.end(), [&](const auto& entry) {
      return task.uniqueKey && entry.second.activeKey == task.uniqueKey;
    });
    const bool isHeld = live != tasks.end() && (live->second.task.lastStatus != RunStatus::Success ||
                                                live->second.uniqueUntil.value_or(0) > now);
    if (isHeld && task.uniqueMode != UniqueMode::Replace) {
      outcome.tasks.push_back({live->first, false});
      continue;
    }
    const auto replaced = isHeld ? std::optional(live->first) : std::nullopt;
    if (live != tasks.end()) supersede(live->first);
    outcome.tasks.push_back({addTask(task), true, replaced});
  }
  for (std::size_t i = 0; i < outcome.tasks.size(); ++i) {
    const bool isRecorded = actor.source == "pages" || isBulkHandler(wanted[i].taskHandlerClass);
    if (outcome.tasks[i].created && isRecorded)
      record("enqueue", outcome.tasks[i].id, "", describeEnqueue(wanted[i]));
  }
  if (key) requests[key->key] = {now, key->requestHash, outcome.tasks};
  return outcome;
}

InsertOutcome FakeTasks::insertTasks(std::span<const NewTask> wanted,
                                     const std::optional<IdempotencyKey>& key) {
  return tables_.insert(wanted, key);
}

void FakeTables::notifyCompleted(int id) {
  const auto found = tasks.find(id);
  if (found == tasks.end()) return;
  FakeTask& row = found->second;
  if (row.notify.taskId || openRunOf(id) != nullptr || !isFinal(row.task) ||
      !isNotified(row.notify.on, row.task.lastStatus))
    return;
  EndedTask ended{.task = row.task, .notify = row.notify, .run = std::nullopt};
  if (const auto all = runsOf(id); !all.empty()) ended.run = all.back();
  const NewTask message = json::makeNotification(ended, now);
  const auto told = std::find_if(tasks.begin(), tasks.end(), [&](const auto& entry) {
    return entry.second.activeKey == message.uniqueKey;
  });
  row.notify.taskId = told != tasks.end() ? told->first : addTask(message);
}

void FakeTables::supersede(int id) {
  FakeTask& row = tasks.at(id);
  row.activeKey.reset();
  if (row.task.lastStatus == RunStatus::Success) return;
  row.task.superseded = true;
  row.task.nextRunOn.reset();
  row.task.parkedReason.clear();
  FakeRun* open = openRunOf(id);
  if (open != nullptr && open->run.status == RunStatus::Running) return;
  row.task.lastStatus = RunStatus::Cancelled;
  if (open != nullptr) {
    open->run.status = RunStatus::Cancelled;
    open->run.finishedOn = now;
  }
  notifyCompleted(id);
}

int FakeTables::addTask(const NewTask& from) {
  Task task;
  task.taskHandlerClass = from.taskHandlerClass;
  task.taskData = from.taskData;
  task.scheduledOn = from.scheduledOn.value_or(now);
  task.queuedOn = now;
  task.queuedById = from.queuedById;
  task.maxRetries = from.maxRetries.value_or(kDefaultMaxRetries);
  task.queue = from.queue.value_or(kDefaultQueue);
  task.priority = from.priority.value_or(kDefaultPriority);
  task.uniqueKey = from.uniqueKey;
  task.concurrencyKey = from.concurrencyKey;
  task.title = from.title;
  const int id = insertRow(task);
  tasks.at(id).task.nextRunOn = task.scheduledOn;
  tasks.at(id).activeKey = from.uniqueKey;
  if (from.uniqueSeconds > 0) tasks.at(id).uniqueUntil = now + from.uniqueSeconds;
  tasks.at(id).notify = {from.notifyOn, from.notifyTo, from.notifyLanguage, std::nullopt};
  return id;
}

int FakeTables::insertRow(Task task) {
  task.id = tasks.empty() ? 1 : tasks.rbegin()->first + 1;
  task.nextRunOn = kUnscheduled;
  if (task.queue.empty()) task.queue = kDefaultQueue;
  tasks[task.id].task = task;
  return task.id;
}

// ── reading ────────────────────────────────────────────────────────────────────────────────────────────────

std::optional<Task> FakeTasks::findTask(int id) {
  const auto found = tables_.tasks.find(id);
  return found == tables_.tasks.end() ? std::nullopt : std::optional(found->second.task);
}

std::vector<Task> FakeTasks::findTasks(const TaskFilter& filter) {
  std::vector<Task> found;
  for (auto row = tables_.tasks.rbegin(); row != tables_.tasks.rend(); ++row) {
    if (static_cast<int>(found.size()) < filter.limit && tables_.matches(row->second.task, filter)) {
      found.push_back(row->second.task);
      found.back().taskData.clear();
    }
  }
  return found;
}

std::optional<Run> FakeTasks::findRun(int id) {
  const auto found = tables_.runs.find(id);
  return found == tables_.runs.end() ? std::nullopt : std::optional(found->second.run);
}

std::vector<Run> FakeTables::runsOf(int taskQueueId) const {
  std::vector<Run> found;
  for (const auto& [id, row] : runs) {
    if (row.run.taskQueueId == taskQueueId) found.push_back(row.run);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Run& a, const Run& b) { return a.attempt < b.attempt; });
  constexpr std::size_t kMax = 100;
  if (found.size() > kMax) found.erase(found.begin(), found.end() - kMax);
  return found;
}

std::vector<Run> FakeTasks::runsOfTask(int taskQueueId) {
  return tables_.runsOf(taskQueueId);
}

std::vector<RunFile> FakeTasks::filesOfRun(int runId) {
  const auto found = tables_.runs.find(runId);
  if (found == tables_.runs.end()) return {};
  std::vector<RunFile> list;
  for (const auto& [name, file] : found->second.files) {
    list.push_back({name, file.contentType, static_cast<std::int64_t>(file.content.size())});
  }
  return list;
}

std::optional<std::string> FakeTasks::readRunFile(int runId, std::string_view name) {
  const auto found = tables_.runs.find(runId);
  if (found == tables_.runs.end()) return std::nullopt;
  const auto file = found->second.files.find(std::string(name));
  return file == found->second.files.end() ? std::nullopt : std::optional(file->second.content);
}

std::optional<OutputSlice> FakeTasks::readOutput(int runId, OutputStream stream, std::int64_t offset,
                                                 std::int64_t limit) {
  const auto found = tables_.runs.find(runId);
  if (found == tables_.runs.end()) return std::nullopt;
  const FakeRun& row = found->second;
  const bool isError = stream == OutputStream::ErrorOutput;
  if (isOpen(row.run.status)) {
    const auto pieces = piecesOf(row.chunks, stream);
    std::int64_t total = 0;
    if (!pieces.empty())
      total = pieces.back().position + static_cast<std::int64_t>(pieces.back().content.size());
    OutputSlice slice = sliceOf(pieces, std::min(offset, total), limit);
    slice.totalBytes = total;
    return slice;
  }
  CapturedText text{.kept = isError ? row.errorOutput : row.standardOutput,
                    .totalBytes = isError ? row.run.errorOutputBytes : row.run.standardOutputBytes,
                    .droppedBytes = isError ? row.run.errorOutputDropped : row.run.standardOutputDropped};
  const auto pieces = piecesOf(text);
  text.totalBytes = std::max(text.totalBytes, endOf(pieces.back()));  // a row written by hand may say less
  OutputSlice slice = sliceOf(pieces, std::min(offset, text.totalBytes), limit);
  slice.totalBytes = text.totalBytes;
  slice.droppedBytes = text.droppedBytes;
  slice.complete = slice.nextOffset >= text.totalBytes;
  return slice;
}

std::vector<Runner> FakeRunners::findRunners(bool onlyRunning, int limit) {
  std::vector<Runner> found;
  for (auto row = tables_.runners.rbegin(); row != tables_.runners.rend(); ++row) {
    Runner runner = row->second.runner;
    if (onlyRunning && runner.status != RunnerStatus::Running) continue;
    runner.heartbeatAgeSeconds = tables_.now - runner.lastHeartbeatOn.value_or(runner.startedOn.value_or(0));
    runner.activeRuns =
        static_cast<int>(std::count_if(tables_.runs.begin(), tables_.runs.end(), [&](const auto& entry) {
          return entry.second.run.taskRunnerId == runner.id && isOpen(entry.second.run.status);
        }));
    found.push_back(runner);
  }
  std::stable_partition(found.begin(), found.end(),
                        [](const Runner& runner) { return runner.status == RunnerStatus::Running; });
  if (static_cast<int>(found.size()) > limit) found.resize(static_cast<std::size_t>(limit));
  return found;
}

std::vector<HandlerDeclaration> FakeHandlers::findHandlers() {
  std::map<std::string, HandlerDeclaration> byClass;
  for (const FakeAnnouncement& row : tables_.announcements)
    byClass[row.handler.taskHandlerClass] = row.handler;
  std::vector<HandlerDeclaration> found;
  for (auto& [name, handler] : byClass) {
    handler.liveRunners = tables_.countOffering(name);
    handler.offeredUntil = handler.liveRunners > 0 ? std::nullopt : tables_.offeredUntil(name);
    const auto limit = tables_.handlerLimits.find(name);
    handler.settings.maxRunning = limit == tables_.handlerLimits.end() ? 0 : limit->second.maxRunning;
    handler.settings.maxRunningPerKey =
        limit == tables_.handlerLimits.end() ? 0 : limit->second.maxRunningPerKey;
    found.push_back(handler);
  }
  return found;
}

std::optional<HandlerDeclaration> FakeHandlers::findHandler(std::string_view taskHandlerClass) {
  for (const HandlerDeclaration& handler : findHandlers()) {
    if (handler.taskHandlerClass == taskHandlerClass) return handler;
  }
  return std::nullopt;
}

}  // namespace taskqueue::test_support
