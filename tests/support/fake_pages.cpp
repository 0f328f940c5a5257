// The fake store: data for the pages.
#include <algorithm>

#include "module/queue/due_task.h"
#include "module/queue/notification.h"
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {
namespace {

constexpr UnixSeconds kMinute = 60;
constexpr UnixSeconds kCommitSeconds = 15;

// The CMS's collation ignores case; ASCII is enough here.
std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::int64_t waitOf(const Task& task, const Run& run) {
  return std::max<std::int64_t>(0, *run.startedOn - firstDueOn(task, *run.startedOn));
}

void add(MinuteStats& to, const Task& task, const Run& run) {
  if (run.status == RunStatus::Success) ++to.succeeded;
  if (isFailure(run.status)) ++to.failed;
  if (run.status == RunStatus::Cancelled) ++to.cancelled;
  to.runMsTotal += run.runMs.value_or(0);
  if (run.attempt != 1 || !run.startedOn) return;
  ++to.firstRuns;
  to.waitSecondsTotal += waitOf(task, run);
}

// Counts all tasks, or those of one queue.
template <typename Numbers>
void takeOldest(const Task& task, UnixSeconds now, Numbers& to) {
  const auto due = dueOn(task, now);
  if (!due || *due > now || (to.oldestDue && *to.oldestDue <= *due)) return;
  to.oldestDue = due;
  to.oldestTaskId = task.id;
}

}  // namespace

bool FakeTables::matches(const Task& task, const TaskFilter& filter) const {
  std::string errorCode;
  int errorGroupId = 0;
  int newest = 0;
  for (const auto& [id, row] : runs) {
    if (row.run.taskQueueId != task.id || row.run.attempt < newest) continue;
    newest = row.run.attempt;
    errorCode = row.run.errorCode;
    errorGroupId = row.errorGroupId;
  }
  const bool byDate = filter.queuedFrom || filter.queuedUntil;
  return (!filter.beforeId || task.id < *filter.beforeId) && (!filter.fromId || task.id >= *filter.fromId) &&
         (!filter.lastStatus || task.lastStatus == *filter.lastStatus) &&
         (!filter.state || stateOf(task) == *filter.state) &&
         (!filter.taskHandlerClass || task.taskHandlerClass == *filter.taskHandlerClass) &&
         (!filter.queue || task.queue == *filter.queue) &&
         (!filter.errorCode || (newest > 0 && errorCode == *filter.errorCode)) &&
         (!filter.errorGroupId || (newest > 0 && errorGroupId == *filter.errorGroupId)) &&
         (!byDate || (task.queuedOn && *task.queuedOn >= filter.queuedFrom.value_or(INT32_MIN) &&
                      *task.queuedOn <= filter.queuedUntil.value_or(INT32_MAX))) &&
         (!filter.titlePart || lower(task.title).find(lower(*filter.titlePart)) != std::string::npos);
}

void FakeTables::record(const std::string& action, std::optional<int> taskQueueId, const std::string& subject,
                        const std::string& detail) {
  if (!actor.name.empty()) audit.push_back({static_cast<int>(audit.size()) + 1, now, actor, action, taskQueueId, subject, detail});
}

std::vector<AuditEntry> FakeAudit::auditOfTask(int taskQueueId, int limit) {
  std::vector<AuditEntry> found;
  for (auto entry = tables_.audit.rbegin();
       entry != tables_.audit.rend() && static_cast<int>(found.size()) < limit; ++entry) {
    if (entry->taskQueueId == taskQueueId) found.push_back(*entry);
  }
  return found;
}

AuditPage FakeAudit::searchAudit(const AuditFilter& filter, int limit) {
  AuditPage page;
  for (auto entry = tables_.audit.rbegin(); entry != tables_.audit.rend(); ++entry) {
    const auto fits = [](const auto& wanted, const auto& value) { return !wanted || *wanted == value; };
    if (filter.beforeId && entry->id >= *filter.beforeId) continue;
    if (!fits(filter.by, entry->by.name) || !fits(filter.source, entry->by.source)) continue;
    if (!fits(filter.action, entry->action)) continue;
    if (filter.taskQueueId && entry->taskQueueId != filter.taskQueueId) continue;
    if (filter.subjectPart && entry->subject.find(*filter.subjectPart) == std::string::npos) continue;
    if (!filter.bulkParts && entry->by.source == "bulk") continue;
    if (static_cast<int>(page.entries.size()) == limit) {
      page.next = page.entries.back().id;
      break;
    }
    page.entries.push_back(*entry);
  }
  return page;
}

std::vector<AuditEntry> FakeAudit::findAudit(int limit) {
  std::vector<AuditEntry> found(tables_.audit.rbegin(), tables_.audit.rend());
  if (static_cast<int>(found.size()) > limit) found.resize(static_cast<std::size_t>(limit));
  return found;
}

TaskGrid FakeStatistics::readTaskGrid(const TaskGridRequest& request) {
  const auto before = [&](const TaskCursor& a, const TaskCursor& b) {
    return request.backwards ? standsBefore(b, a, request.descending)
                             : standsBefore(a, b, request.descending);
  };
  std::vector<Task> all;
  for (const auto& [id, row] : tables_.tasks) all.push_back(row.task);
  std::sort(all.begin(), all.end(), [&](const Task& a, const Task& b) {
    return before(makeCursor(a, request.order), makeCursor(b, request.order));
  });
  // No time passes here, so a time limit of zero ends at once, and any other never.
  const int max = request.timeLimit.count() == 0 ? request.batch : tables_.gridBatch;
  TaskGrid grid;
  int looked = 0;
  std::optional<TaskCursor> last;
  for (Task& task : all) {
    const TaskCursor place = makeCursor(task, request.order);
    if (request.from && !before(*request.from, place)) continue;
    const bool isWithinIds = (!request.filter.beforeId || task.id < *request.filter.beforeId) &&
                             (!request.filter.fromId || task.id >= *request.filter.fromId);
    if (!isWithinIds) continue;
    if (looked++ == max) {
      grid.more = true;
      grid.searchedTo = last;
      break;
    }
    last = place;
    if (!tables_.matches(task, request.filter)) continue;
    if (static_cast<int>(grid.tasks.size()) == request.filter.limit) {
      grid.more = true;
      break;
    }
    task.taskData.clear();
    grid.tasks.push_back(task);
  }
  if (request.backwards) std::reverse(grid.tasks.begin(), grid.tasks.end());
  return grid;
}

BoundedCount FakeStatistics::countUpTo(const TaskFilter& filter, int max) {
  const auto all = std::count_if(tables_.tasks.begin(), tables_.tasks.end(),
                                 [&](const auto& row) { return tables_.matches(row.second.task, filter); });
  return BoundedCount::upTo(all, max);
}

QueueNumbers FakeStatistics::readQueueNumbers(int max) {
  std::int64_t waiting = 0;
  QueueNumbers numbers;
  for (const auto& [id, row] : tables_.tasks) {
    if (row.task.nextRunOn) ++waiting;
    takeOldest(row.task, tables_.now, numbers);
  }
  numbers.waiting = BoundedCount::upTo(waiting, max);
  numbers.running = countUpTo({.lastStatus = RunStatus::Running}, max);
  numbers.now = tables_.now;
  return numbers;
}

std::map<TaskState, BoundedCount> FakeStatistics::countByState(int max) {
  std::map<TaskState, BoundedCount> counts;
  for (const TaskState state : kAllTaskStates) counts[state] = countUpTo({.state = state}, max);
  return counts;
}

std::vector<QueueDepth> FakeStatistics::readQueueDepths(int limit, int max) {
  std::map<std::string, QueueDepth> byName;
  for (const auto& [id, row] : tables_.tasks) {
    QueueDepth& depth = byName[row.task.queue];
    depth.queue = row.task.queue;
    if (row.task.nextRunOn) ++depth.waiting.value;
    takeOldest(row.task, tables_.now, depth);
  }
  std::vector<QueueDepth> depths;
  for (auto& [name, depth] : byName) {
    if (static_cast<int>(depths.size()) == limit) break;
    depth.waiting = BoundedCount::upTo(depth.waiting.value, max);
    depths.push_back(depth);
  }
  return depths;
}

std::vector<RunningTask> FakeStatistics::findRunningTasks(int limit) {
  std::vector<RunningTask> found;
  for (auto row = tables_.tasks.rbegin();
       row != tables_.tasks.rend() && static_cast<int>(found.size()) < limit; ++row) {
    const FakeRun* open = tables_.openRunOf(row->first);
    if (row->second.task.lastStatus != RunStatus::Running || open == nullptr) continue;
    found.push_back({open->run, row->second.task.taskHandlerClass, row->second.task.title});
  }
  return found;
}

std::map<int, Run> FakeStatistics::findNewestRuns(const std::vector<int>& taskIds) {
  std::map<int, Run> found;
  for (const int id : taskIds) {
    const auto runs = tables_.runsOf(id);
    if (!runs.empty()) found.emplace(id, runs.back());
  }
  return found;
}

int FakeStatistics::rollUpMinutes(int limit) {
  int summedUp = 0;
  while (summedUp < limit) {
    std::optional<UnixSeconds> minute;
    for (const auto& [id, row] : tables_.runs) {
      if (isOpen(row.run.status) || !row.run.finishedOn) continue;
      const UnixSeconds its = *row.run.finishedOn / kMinute * kMinute;
      const bool isNew = tables_.minutes.empty() || its > tables_.minutes.rbegin()->first;
      if (isNew && (!minute || its < *minute)) minute = its;
    }
    if (!minute || *minute + kMinute + kCommitSeconds > tables_.now) break;
    auto& ended = tables_.minutes[*minute];
    for (const auto& [id, row] : tables_.runs) {
      const UnixSeconds its = row.run.finishedOn.value_or(-1) / kMinute * kMinute;
      if (!isOpen(row.run.status) && its == *minute && tables_.tasks.contains(row.run.taskQueueId))
        ended.emplace_back(tables_.tasks.at(row.run.taskQueueId).task, row.run);
    }
    tables_.sumUpErrors(*minute);
    ++summedUp;
  }
  return summedUp;
}

std::vector<MinuteStats> FakeStatistics::readMinutes(UnixSeconds from, int seconds) {
  std::map<UnixSeconds, MinuteStats> parts;
  for (const auto& [minute, ended] : tables_.minutes) {
    if (minute < from || ended.empty()) continue;
    MinuteStats& part = parts[minute - minute % seconds];
    part.from = minute - minute % seconds;
    for (const auto& [task, run] : ended) add(part, task, run);
  }
  std::vector<MinuteStats> found;
  for (const auto& [begin, part] : parts) found.push_back(part);
  return found;
}

std::map<std::string, HandlerStats> FakeStatistics::readHandlerStats(UnixSeconds from) {
  std::map<std::string, HandlerStats> found;
  for (const auto& [minute, ended] : tables_.minutes) {
    for (const auto& [task, run] : ended) {
      if (minute < from) continue;
      add(found[task.taskHandlerClass].sums, task, run);
      found[task.taskHandlerClass].times.add(std::to_string(RunTimes::bucketOf(run.runMs.value_or(0))) +
                                             ":1");
    }
  }
  return found;
}

std::map<UnixSeconds, HandlerStats> FakeStatistics::readHandlerParts(std::string_view taskHandlerClass,
                                                                     UnixSeconds from, UnixSeconds until,
                                                                     int seconds) {
  std::map<UnixSeconds, HandlerStats> parts;
  for (const auto& [minute, ended] : tables_.minutes) {
    for (const auto& [task, run] : ended) {
      if (minute < from || minute >= until || task.taskHandlerClass != taskHandlerClass) continue;
      HandlerStats& part = parts[minute - minute % seconds];
      add(part.sums, task, run);
      part.times.add(std::to_string(RunTimes::bucketOf(run.runMs.value_or(0))) + ":1");
    }
  }
  return parts;
}

std::map<std::string, MinuteStats> FakeStatistics::readMinutesByQueue(UnixSeconds from) {
  std::map<std::string, MinuteStats> found;
  for (const auto& [minute, ended] : tables_.minutes) {
    for (const auto& [task, run] : ended) {
      if (minute >= from) add(found[task.queue], task, run);
    }
  }
  return found;
}

bool FakeRunners::requestDrain(int taskRunnerId) {
  const auto found = tables_.runners.find(taskRunnerId);
  if (found == tables_.runners.end() || found->second.runner.status != RunnerStatus::Running) return false;
  if (!found->second.runner.drainRequestedOn) found->second.runner.drainRequestedOn = tables_.now;
  tables_.record("drain", std::nullopt, "runner " + std::to_string(taskRunnerId));
  return true;
}

bool FakeRunners::requestStop(int taskRunnerId) {
  const auto found = tables_.runners.find(taskRunnerId);
  if (found == tables_.runners.end() || found->second.runner.status != RunnerStatus::Running) return false;
  Runner& runner = found->second.runner;
  if (!runner.drainRequestedOn) runner.drainRequestedOn = tables_.now;
  if (!runner.stopRequestedOn) runner.stopRequestedOn = tables_.now;
  tables_.record("stop", std::nullopt, "runner " + std::to_string(taskRunnerId));
  return true;
}

}  // namespace taskqueue::test_support
