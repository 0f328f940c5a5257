// The fake store: claims. It reads as many rows as MariaDB's does, so both claim the same tasks.
#include <algorithm>
#include <set>

#include "tests/support/fake_tables.h"

namespace taskqueue::test_support {
namespace {

constexpr int kMaxRowsPerLine = 1000;
constexpr int kBeforeAll = INT32_MIN;

}  // namespace

struct FakeTables::ClaimWork {
  const SyncRequest& request;
  SyncResult& result;
  int rowsPerLine;
  int wanted = 0;        // tasks to run, also those whose run turns out to be running
  int leftToOthers = 0;  // tasks postponed for other runners
  int gone = 0;          // tasks parked, retired, or postponed by more than a second

  int room() const { return request.claimLimit - wanted; }
  std::size_t rows() const { return static_cast<std::size_t>(std::max(room(), rowsPerLine)); }
  int setAside() const { return gone + leftToOthers; }
};

void FakeTables::claim(const SyncRequest& request, SyncResult& result) {
  // A runner that was timed out gets no runs, because no process would rescue them.
  const auto self = runners.find(request.taskRunnerId);
  const bool mayClaim = self != runners.end() && self->second.runner.status == RunnerStatus::Running;
  if (!mayClaim || request.claimLimit <= 0) return;
  unparkWhereThereIsRoom(request.handlers);
  for (const std::string& queue : request.queues) {
    if (isPaused(PauseKind::Queue, queue)) continue;
    for (const auto& [id, row] : tasks) {
      if (row.task.queue != queue || !row.task.nextRunOn) continue;
      const std::int64_t wait = std::max<std::int64_t>(*row.task.nextRunOn - now, 0);
      result.secondsUntilDue = std::min(result.secondsUntilDue.value_or(wait), wait);
    }
  }
  ClaimWork work{request, result, rowsPerLine};
  for (const std::string& queue : request.queues) {
    if (isPaused(PauseKind::Queue, queue)) continue;
    std::set<int> priorities;
    for (const auto& [id, row] : tasks) priorities.insert(row.task.priority);
    for (const int priority : priorities) {
      for (const bool isNew : {true, false}) claimLine(work, {queue, priority, isNew});
    }
  }
  const int min = 2 * request.claimLimit;
  if (work.gone > work.wanted) {
    rowsPerLine = std::min(std::max(2 * rowsPerLine, min), kMaxRowsPerLine);
  } else {
    rowsPerLine = rowsPerLine / 2 < min ? 0 : rowsPerLine / 2;
  }
}

void FakeTables::claimNamed(const SyncRequest& request, SyncResult& result) {
  const auto self = runners.find(request.taskRunnerId);
  if (self == runners.end() || self->second.runner.status != RunnerStatus::Running) return;
  const auto has = [](const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  ClaimWork work{request, result, rowsPerLine};
  for (const int id : std::set<int>(request.named.begin(), request.named.end())) {
    const auto row = tasks.find(id);
    if (row == tasks.end()) continue;
    const Task& task = row->second.task;
    const bool isDue = task.nextRunOn && *task.nextRunOn <= now;
    const std::string& handler = task.taskHandlerClass;
    if (!isDue || !has(request.queues, task.queue) || !has(request.handlers, handler)) continue;
    const bool mayBeHeld = isPaused(PauseKind::Queue, task.queue) || isPaused(PauseKind::Handler, handler) ||
                           handlerLimits.contains(handler);
    const bool mayRun = !mayBeHeld && task.lastStatus != RunStatus::Running &&
                        judge(task, request).verdict == DueVerdict::Claim;
    if (work.room() > 0 && mayRun) {
      ++work.wanted;
      startRun(work, id);
    } else {
      result.needsLook = true;
    }
  }
}

std::vector<FakeTables::Place> FakeTables::dueBehind(const Line& line, const Place& behind,
                                                     const std::vector<std::string>* classes) const {
  const auto& [queue, priority, isNew] = line;
  std::vector<Place> due;
  for (const auto& [id, row] : tasks) {
    const Task& task = row.task;
    if (task.queue != queue || task.priority != priority || !task.nextRunOn) continue;
    const bool isDue = *task.nextRunOn <= now && (*task.nextRunOn == kUnscheduled) == isNew;
    const bool isWanted = classes == nullptr || (!isPaused(PauseKind::Handler, task.taskHandlerClass) &&
                                                 std::find(classes->begin(), classes->end(),
                                                           task.taskHandlerClass) != classes->end());
    const Place place{*task.nextRunOn, id};
    if (isDue && isWanted && place > behind) due.push_back(place);
  }
  std::sort(due.begin(), due.end());
  return due;
}

void FakeTables::claimLine(ClaimWork& work, const Line& line) {
  if (work.room() <= 0) return;
  std::vector<Place> due = dueBehind(line, {kBeforeAll, kBeforeAll}, nullptr);
  if (due.empty()) return;
  due.resize(std::min(due.size(), work.rows()));
  const int before = work.setAside();
  take(work, due);
  if (work.setAside() > before && work.room() > 0) searchLine(work, line, due.back());
}

// Claims tasks of this runner's classes behind those that cannot run here.
void FakeTables::searchLine(ClaimWork& work, const Line& line, Place behind) {
  if (const auto earlier = searched.find(line); earlier != searched.end())
    behind = std::max(behind, std::min(earlier->second, latestSearched(line)));
  searched.erase(line);
  while (true) {
    const Place start = behind;
    std::vector<Place> found = dueBehind(line, behind, &work.request.handlers);
    const bool isAll = found.size() < work.rows();
    found.resize(std::min(found.size(), work.rows()));
    if (!found.empty()) behind = found.back();
    take(work, found);
    if (work.room() <= 0) searched[line] = start;
    if (isAll || work.room() <= 0) return;
  }
}

FakeTables::Place FakeTables::latestSearched(const Line& line) const {
  return std::get<bool>(line) ? Place{kUnscheduled, INT32_MAX} : Place{now - 1, INT32_MAX};
}

void FakeTables::searchAgainFrom(UnixSeconds nextRunOn) {
  const Place before{nextRunOn - 1, INT32_MAX};
  for (auto& [line, place] : searched) {
    if (!std::get<bool>(line)) place = std::min(place, before);
  }
}

void FakeTables::take(ClaimWork& work, const std::vector<Place>& places) {
  const int mostPutAside = work.leftToOthers + work.request.claimLimit;
  for (const auto& [on, id] : places) {
    if (work.room() <= 0) return;
    FakeTask& row = tasks.at(id);
    const DueJudgement judgement = judge(row.task, work.request);
    if (judgement.verdict == DueVerdict::Claim) {
      ++work.wanted;
      startRun(work, id);
      continue;
    }
    const bool isLeft = judgement.verdict == DueVerdict::Postpone && *judgement.nextRunOn <= now + 1;
    if (!isLeft) ++work.gone;
    if (!isLeft || work.leftToOthers++ < mostPutAside) defer(row, judgement);
  }
}

DueJudgement FakeTables::judge(const Task& task, const SyncRequest& request) const {
  const DueJudgement judgement = judgeDueTask(task, now, reachOf(task.taskHandlerClass, request));
  if (judgement.verdict != DueVerdict::Claim || task.lastStatus == RunStatus::Running) return judgement;
  if (availableFor(task.taskHandlerClass, std::nullopt) == 0)
    return judgeDueTask(task, now, HandlerReach::AtLimit);
  if (task.concurrencyKey && availableFor(task.taskHandlerClass, task.concurrencyKey) == 0)
    return judgeDueTask(task, now, HandlerReach::KeyAtLimit);
  return judgement;
}

void FakeTables::startRun(ClaimWork& work, int taskId) {
  Task& task = tasks.at(taskId).task;
  const Task before = task;
  task.nextRunOn.reset();
  task.lastStatus = RunStatus::Running;
  task.parkedReason.clear();
  FakeRun* open = openRunOf(taskId);
  if (open != nullptr && open->run.status == RunStatus::Running) return;  // its NextRunOn was stale
  if (open == nullptr) open = &addRun(taskId, RunStatus::Running);
  open->run.status = RunStatus::Running;
  open->run.startedOn = now;
  open->run.taskRunnerId = work.request.taskRunnerId;
  open->token = "token-" + std::to_string(++lastToken);
  work.result.claimed.push_back({{open->run.id, taskId, open->token}, open->run.attempt, before});
}

void FakeTables::defer(FakeTask& row, const DueJudgement& judgement) {
  row.task.nextRunOn = judgement.nextRunOn;
  row.task.parkedReason = judgement.reason;
  if (judgement.verdict != DueVerdict::Retire) return;
  FakeRun* open = openRunOf(row.task.id);
  if (open != nullptr && open->run.status == RunStatus::Running) return;  // the end of this run decides
  row.activeKey.reset();
  if (open == nullptr && row.task.lastStatus == RunStatus::Scheduled)
    row.task.lastStatus = RunStatus::Cancelled;
  if (open != nullptr) {
    open->run.status = RunStatus::Cancelled;
    open->run.finishedOn = now;
    row.task.lastStatus = RunStatus::Cancelled;
  }
  notifyCompleted(row.task.id);
}

HandlerReach FakeTables::reachOf(const std::string& taskHandlerClass, const SyncRequest& request) const {
  if (isPaused(PauseKind::Handler, taskHandlerClass)) return HandlerReach::Paused;
  const auto& ours = request.handlers;
  if (std::find(ours.begin(), ours.end(), taskHandlerClass) != ours.end()) return HandlerReach::Here;
  const bool isOfOthers = std::any_of(runners.begin(), runners.end(), [&](const auto& entry) {
    return entry.first != request.taskRunnerId && offers(entry.first, taskHandlerClass);
  });
  return isOfOthers ? HandlerReach::Elsewhere : HandlerReach::Nowhere;
}

}  // namespace taskqueue::test_support
