// The fake store: pauses and limits, and why a task waits.
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {

// A pause of all queues holds each of them.
bool FakeTables::isPaused(PauseKind kind, const std::string& name) const {
  const auto found = pauses.find({kind, name});
  if (found != pauses.end() && holds(found->second)) return true;
  return kind == PauseKind::Queue && isPaused(PauseKind::All, "");
}

bool FakeHandlers::setPaused(PauseKind kind, std::string_view name, bool paused, int byId,
                             const PauseTerms& terms) {
  const std::pair key(kind, std::string(name));
  const auto found = tables_.pauses.find(key);
  bool changed = found != tables_.pauses.end();
  if (paused) {
    changed = !changed || !tables_.holds(found->second) || found->second.terms.reason != terms.reason ||
              found->second.terms.pausedUntil != terms.pausedUntil;
    if (changed) tables_.pauses[key] = {kind, key.second, tables_.now, byId, tables_.actor.name, terms};
  } else if (changed) {
    tables_.pauses.erase(found);
  }
  if (changed) {
    tables_.record(paused ? "pause" : "resume", std::nullopt, std::string(toString(kind)) + " " + key.second);
  }
  if (changed && !paused && kind == PauseKind::Handler) tables_.unpark(key.second);
  return changed;
}

int FakeHandlers::endPauses() {
  std::vector<Pause> ended;
  for (const auto& [key, pause] : tables_.pauses) {
    if (!tables_.holds(pause)) ended.push_back(pause);
  }
  for (const Pause& pause : ended) setPaused(pause.kind, pause.name, false, 0, {});
  return static_cast<int>(ended.size());
}

HandlerLimits FakeHandlers::setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                            std::optional<int> maxRunningPerKey, int) {
  const std::string name(taskHandlerClass);
  const auto earlier = tables_.handlerLimits.find(name);
  const int perKey = earlier == tables_.handlerLimits.end() ? 0 : earlier->second.maxRunningPerKey;
  tables_.handlerLimits[name] = {maxRunning, maxRunningPerKey.value_or(perKey), false};
  tables_.record("limit", std::nullopt, "handler " + name);
  tables_.unpark(name);
  return {maxRunning, maxRunningPerKey.value_or(perKey)};
}

std::vector<Pause> FakeHandlers::findPauses() {
  std::vector<Pause> found;
  for (const PauseKind kind : {PauseKind::All, PauseKind::Handler, PauseKind::Queue}) {  // by their names
    for (const auto& [key, pause] : tables_.pauses) {
      if (pause.kind == kind && tables_.holds(pause)) found.push_back(pause);
    }
  }
  return found;
}

std::optional<WaitFacts> FakeTasks::findWaitFacts(int taskId) {
  const auto found = tables_.tasks.find(taskId);
  if (found == tables_.tasks.end()) return std::nullopt;
  const Task& task = found->second.task;
  WaitFacts facts;
  facts.task = task;
  facts.now = tables_.now;
  facts.allPaused = tables_.isPaused(PauseKind::All, "");
  facts.queuePaused = tables_.isPaused(PauseKind::Queue, task.queue);
  facts.handlerPaused = tables_.isPaused(PauseKind::Handler, task.taskHandlerClass);
  const auto limit = tables_.handlerLimits.find(task.taskHandlerClass);
  if (limit != tables_.handlerLimits.end()) facts.maxRunning = limit->second.maxRunning;
  if (limit != tables_.handlerLimits.end()) facts.maxRunningPerKey = limit->second.maxRunningPerKey;
  for (const auto& [id, row] : tables_.runners) {
    if (row.runner.status != RunnerStatus::Running) continue;
    ++facts.runners;
    if (("," + row.runner.queues + ",").find("," + task.queue + ",") == std::string::npos) continue;
    ++facts.runnersOfQueue;
    if (!tables_.offers(id, task.taskHandlerClass)) continue;
    ++facts.runnersAble;
    facts.slots += row.runner.slots;
    for (const auto& [runId, run] : tables_.runs) {
      if (run.run.taskRunnerId == id && isOpen(run.run.status)) ++facts.slotsTaken;
    }
  }
  facts.runnersKnowing = tables_.countOffering(task.taskHandlerClass);
  facts.handlerWasOffered = tables_.wasOffered(task.taskHandlerClass);
  facts.handlerOfferedUntil = tables_.offeredUntil(task.taskHandlerClass);
  return facts;
}

}  // namespace taskqueue::test_support
