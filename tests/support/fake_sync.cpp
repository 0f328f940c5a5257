// The fake store: functions for runners.
#include <algorithm>
#include <set>

#include "module/queue/cancel_request.h"
#include "tests/support/fake_output.h"
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {

int FakeRunners::registerRunner(const NewRunner& from, std::span<const HandlerDeclaration> handlers) {
  FakeRunner row;
  Runner& runner = row.runner;
  runner.id = tables_.runners.empty() ? 1 : tables_.runners.rbegin()->first + 1;
  runner.identity = from.identity;
  runner.startedOn = tables_.now;
  runner.lastHeartbeatOn = tables_.now;
  runner.version = from.version;
  for (const std::string& queue : from.queues) runner.queues += (runner.queues.empty() ? "" : ",") + queue;
  runner.slots = from.slots;
  for (auto& [id, earlier] : tables_.runners) {
    const ProcessIdentity& identity = earlier.runner.identity;
    const bool isThisProcess = identity.processId == from.identity.processId &&
                               identity.bootId == from.identity.bootId &&
                               identity.pidNamespace == from.identity.pidNamespace &&
                               identity.processStartTicks == from.identity.processStartTicks;
    if (isThisProcess && earlier.runner.status == RunnerStatus::Running) endRunner(id);
  }
  tables_.runners[runner.id] = row;
  announceHandlers(runner.id, handlers);
  return row.runner.id;
}

void FakeTables::unpark(const std::string& taskHandlerClass) {
  for (auto& [id, row] : tasks) {
    Task& task = row.task;
    if (task.taskHandlerClass != taskHandlerClass || task.parkedReason.empty() || task.nextRunOn) continue;
    task.nextRunOn = task.scheduledOn.value_or(now);
    task.parkedReason.clear();
  }
}

void FakeTables::declareLimit(const HandlerDeclaration& handler) {
  const auto known = handlerLimits.find(handler.taskHandlerClass);
  // An administrator has set this limit.
  if (known != handlerLimits.end() && !known->second.declaredByHandler) return;
  const HandlerSettings& settings = handler.settings;
  if (settings.maxRunning > 0 || settings.maxRunningPerKey > 0) {
    handlerLimits[handler.taskHandlerClass] = {settings.maxRunning, settings.maxRunningPerKey, true};
  } else if (known != handlerLimits.end()) {
    handlerLimits.erase(known);
  }
}

int FakeTables::availableFor(const std::string& taskHandlerClass,
                             const std::optional<std::string>& key) const {
  const auto limit = handlerLimits.find(taskHandlerClass);
  if (limit == handlerLimits.end()) return INT32_MAX;
  const int max = key ? limit->second.maxRunningPerKey : limit->second.maxRunning;
  if (max == 0) return INT32_MAX;
  int running = 0;
  for (const auto& [id, row] : runs) {
    const auto owner = tasks.find(row.run.taskQueueId);
    const bool counts = row.run.status == RunStatus::Running && owner != tasks.end();
    if (!counts || owner->second.task.taskHandlerClass != taskHandlerClass) continue;
    if (!key || owner->second.task.concurrencyKey == key) ++running;
  }
  return std::max(0, max - running);
}

void FakeTables::unparkSome(const std::string& taskHandlerClass, const std::string& reason, int room) {
  for (auto& [id, row] : tasks) {
    const bool isMeant = row.task.taskHandlerClass == taskHandlerClass && row.task.parkedReason == reason;
    if (!isMeant || room-- <= 0) continue;
    row.task.nextRunOn = now;
    row.task.parkedReason.clear();
  }
}

void FakeTables::unparkWhereThereIsRoom(const std::vector<std::string>& classes) {
  for (const std::string& name : classes) {
    if (!handlerLimits.contains(name)) continue;
    unparkSome(name, kAtLimitReason, availableFor(name, std::nullopt));
  }
}

void FakeTables::unparkFreedKeys(const std::vector<int>& taskIds) {
  std::set<std::pair<std::string, std::string>> freed;  // handler and ConcurrencyKey
  for (const int id : taskIds) {
    const auto found = tasks.find(id);
    if (found == tasks.end() || !found->second.task.concurrencyKey) continue;
    const Task& task = found->second.task;
    const auto limit = handlerLimits.find(task.taskHandlerClass);
    if (limit == handlerLimits.end() || limit->second.maxRunningPerKey == 0) continue;
    freed.emplace(task.taskHandlerClass, *task.concurrencyKey);
  }
  for (const auto& [name, key] : freed) unparkSome(name, keyAtLimitReason(key), availableFor(name, key));
}

HeartbeatResult FakeRunners::heartbeat(int taskRunnerId, const RunnerCondition& condition) {
  HeartbeatResult result;
  const auto found = tables_.runners.find(taskRunnerId);
  result.runnerAlive = found != tables_.runners.end() && found->second.runner.status == RunnerStatus::Running;
  if (!result.runnerAlive) return result;
  Runner& runner = found->second.runner;
  runner.lastHeartbeatOn = tables_.now;
  ++runner.heartbeatCounter;
  runner.memoryKb = condition.memoryKb;
  runner.problems = condition.problems;
  runner.unwrittenRuns = condition.unwrittenRuns;
  runner.unwrittenSeconds = condition.unwrittenSeconds;
  result.drainRequested = runner.drainRequestedOn.has_value();
  result.stopRequested = runner.stopRequestedOn.has_value();
  for (const auto& [id, row] : tables_.runs) {
    if (row.run.taskRunnerId != taskRunnerId || row.run.status != RunStatus::Running) continue;
    result.owned.push_back({id, row.run.taskQueueId, row.token});
    if (row.run.cancelRequestedOn) result.cancelRequested.push_back(id);
  }
  return result;
}

std::vector<RunOwnership> FakeTables::activeRunsOf(int taskRunnerId) const {
  std::vector<RunOwnership> owned;
  for (const auto& [id, row] : runs) {
    const bool isMeant = row.run.taskRunnerId == taskRunnerId && row.run.status == RunStatus::Running;
    if (isMeant) owned.push_back({id, row.run.taskQueueId, row.token});
  }
  return owned;
}

std::vector<RunOwnership> FakeRunners::activeRuns(int taskRunnerId) {
  return tables_.activeRunsOf(taskRunnerId);
}

void FakeRunners::endRunner(int taskRunnerId) {
  const auto found = tables_.runners.find(taskRunnerId);
  if (found == tables_.runners.end() || found->second.runner.status != RunnerStatus::Running) return;
  found->second.runner.status = RunnerStatus::Success;
  found->second.runner.finishedOn = tables_.now;
}

FakeRun* FakeTables::ownedRun(const RunOwnership& owned) {
  const auto found = runs.find(owned.runId);
  return found != runs.end() && found->second.token == owned.runToken ? &found->second : nullptr;
}

std::int64_t FakeRunners::newestTask() {
  return tables_.tasks.empty() ? 0 : tables_.tasks.rbegin()->first;
}

SyncResult FakeRunners::sync(const SyncRequest& request) {
  SyncResult result;
  const bool writes = !request.ends.empty() || !request.releases.empty() || !request.progress.empty() ||
                      !request.output.empty();
  if (!writes && !request.named.empty()) {
    tables_.claimNamed(request, result);
    return result;
  }
  for (const RunEnd& end : request.ends) {
    FakeRun* row = tables_.ownedRun(end.owned);
    const bool isRescued =
        row != nullptr && row->run.status == RunStatus::Timeout && end.status != RunStatus::Timeout;
    if (row == nullptr || isRescued) result.lostRuns.push_back(end.owned.runId);
    if (row == nullptr || row->run.status != RunStatus::Running) continue;
    RunEnd heeded = end;
    if (row->run.cancelRequestedOn) applyCancelRequest(heeded);
    tables_.endRun(*row, heeded);
    tables_.notifyCompleted(end.owned.taskQueueId);
  }
  for (const RunRelease& given : request.releases) {
    FakeRun* row = tables_.ownedRun(given.owned);
    const bool ours = row != nullptr && row->run.status == RunStatus::Running;
    if (ours && row->run.cancelRequestedOn) {
      tables_.endRun(*row, toCancelledEnd(given));
      tables_.notifyCompleted(given.owned.taskQueueId);
    } else if (ours) {
      tables_.release(*row, given);
    }
    if (!ours) result.lostRuns.push_back(given.owned.runId);
  }
  for (const RunProgress& report : request.progress) {
    FakeRun* row = tables_.ownedRun(report.owned);
    if (row == nullptr || row->run.status != RunStatus::Running) continue;
    row->run.percentsCompleted =
        std::max(row->run.percentsCompleted, std::clamp(report.percentsCompleted, 0, 100));
    row->run.progressNote = report.progressNote;
  }
  for (const OutputChunk& chunk : request.output) tables_.addChunk(chunk);
  std::vector<int> settled;
  for (const RunEnd& end : request.ends) settled.push_back(end.owned.taskQueueId);
  for (const RunRelease& given : request.releases) settled.push_back(given.owned.taskQueueId);
  tables_.unparkFreedKeys(settled);
  tables_.claim(request, result);
  count(Counter::RefusedWrites, static_cast<std::int64_t>(result.lostRuns.size()));
  return result;
}

std::map<Counter, std::int64_t> FakeStatistics::readCounters() {
  auto all = tables_.counters;
  for (const Counter counter : kAllCounters) all[counter];
  return all;
}

// Rule 3: the task follows its run.
void FakeTables::endRun(FakeRun& row, const RunEnd& end) {
  Run& run = row.run;
  run.status = end.status;
  run.finishedOn = now;
  run.results = end.results;
  run.errorCode = end.errorCode;
  run.errorMessage = end.errorMessage;
  run.percentsCompleted = std::max(run.percentsCompleted, std::clamp(end.percentsCompleted, 0, 100));
  run.progressNote = end.progressNote;
  run.runMs = end.runMs;
  run.use = end.use;
  row.standardOutput = end.standardOutput.kept;
  run.standardOutputBytes = end.standardOutput.totalBytes;
  run.standardOutputDropped = end.standardOutput.droppedBytes;
  row.errorOutput = end.errorOutput.kept;
  run.errorOutputBytes = end.errorOutput.totalBytes;
  run.errorOutputDropped = end.errorOutput.droppedBytes;
  row.chunks.clear();

  const auto found = tasks.find(run.taskQueueId);
  if (found == tasks.end()) return;  // the CMS deleted the task meanwhile
  FakeTask& owner = found->second;
  owner.task.lastStatus = end.status;
  owner.task.parkedReason.clear();
  if (end.status == RunStatus::Success) owner.task.taskRunsFailed = 0;
  if (isFailure(end.status)) ++owner.task.taskRunsFailed;
  const bool again = isFailure(end.status) && !end.giveUp &&
                     owner.task.taskRunsFailed < owner.task.maxRetries && !owner.task.superseded;
  owner.task.nextRunOn = again ? std::optional(now + end.retryDelaySeconds) : std::nullopt;
  const bool lasts = end.status == RunStatus::Success && owner.uniqueUntil.value_or(0) > now;
  if (!again && !lasts) owner.activeKey.reset();
}

void FakeTables::release(FakeRun& row, const RunRelease& given) {
  row.run.percentsCompleted = 0;
  row.run.progressNote.clear();
  row.token.clear();
  row.chunks.clear();
  const auto found = tasks.find(row.run.taskQueueId);
  if (found != tasks.end() && !isOpen(found->second.task.lastStatus)) {
    row.run.status = found->second.task.lastStatus;
    row.run.finishedOn = now;
    return;
  }
  row.run.status = RunStatus::Scheduled;
  row.run.taskRunnerId.reset();
  if (found == tasks.end()) return;  // an editor may be about to restore it
  row.run.startedOn.reset();
  found->second.task.lastStatus = RunStatus::Scheduled;
  found->second.task.nextRunOn = std::min(given.place.value_or(now), now) + given.delaySeconds;
  if (given.place) searchAgainFrom(*given.place);
}

void FakeTables::addChunk(const OutputChunk& chunk) {
  FakeRun* row = ownedRun(chunk.owned);
  if (row == nullptr || row->run.status != RunStatus::Running) return;
  if (!chunk.content.empty()) row->chunks.push_back({chunk.stream, chunk.position, chunk.content});
  std::erase_if(row->chunks, [&](const FakeChunk& kept) {
    const std::int64_t end = kept.position + static_cast<std::int64_t>(kept.content.size());
    return kept.stream == chunk.stream && kept.position >= chunk.dropFrom && end <= chunk.dropTo;
  });
}

}  // namespace taskqueue::test_support
