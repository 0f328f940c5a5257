#include "module/store/claim/due_judge.h"

#include "module/json/writer.h"

namespace taskqueue::store {
namespace {

// Served by the index TaskHandlerClass of TaskHandlers and the primary key of TaskRunners.
const Sql kOfferedByOthers{"offered-by-others", R"(
  SELECT DISTINCT h.TaskHandlerClass
  FROM JSON_TABLE(?, '$[*]' COLUMNS (TaskHandlerClass VARCHAR(255) PATH '$')) v
  STRAIGHT_JOIN {TaskHandlers} h FORCE INDEX (TaskHandlerClass)
    ON h.TaskHandlerClass = v.TaskHandlerClass COLLATE utf8mb4_nopad_bin
    AND h.WithdrawnOn IS NULL
  STRAIGHT_JOIN {TaskRunners} n FORCE INDEX (PRIMARY)
    ON n.Id = h.TaskRunnerId
    AND n.Status = 'running'
    AND n.Id <> ?
)"};

}  // namespace

void DueJudge::learnOf(std::span<const Task> tasks) {
  std::unordered_set<std::string> classes;
  json::Writer strangers;
  strangers.startArray();
  bool any = false;
  for (const Task& task : tasks) {
    if (!classes.insert(task.taskHandlerClass).second || ours_.contains(task.taskHandlerClass)) continue;
    if (!offeredByOthers_.emplace(task.taskHandlerClass, false).second) continue;
    strangers.value(task.taskHandlerClass);
    any = true;
  }
  limits_.learnOf(classes);
  if (!any) return;
  for (Row& row : connection_.query(kOfferedByOthers, {strangers.endArray().text(), request_.taskRunnerId})) {
    offeredByOthers_[row.as<std::string>()] = true;
  }
}

HandlerReach DueJudge::reachOf(const std::string& taskHandlerClass) const {
  if (limits_.isHandlerPaused(taskHandlerClass)) return HandlerReach::Paused;
  if (ours_.contains(taskHandlerClass)) return HandlerReach::Here;
  return offeredByOthers_.at(taskHandlerClass) ? HandlerReach::Elsewhere : HandlerReach::Nowhere;
}

DueJudgement DueJudge::judge(const Task& task, UnixSeconds now) {
  DueJudgement judgement = judgeDueTask(task, now, reachOf(task.taskHandlerClass));
  // A row whose LastStatus is `running` was restored: opening its run tells whether it does run.
  if (judgement.verdict != DueVerdict::Claim || task.lastStatus == RunStatus::Running) return judgement;
  const ConcurrencyLimits::Admission admission = limits_.admit(task);
  if (admission == ConcurrencyLimits::Admission::HandlerFull)
    return judgeDueTask(task, now, HandlerReach::AtLimit);
  if (admission == ConcurrencyLimits::Admission::KeyFull)
    return judgeDueTask(task, now, HandlerReach::KeyAtLimit);
  return judgement;
}

}  // namespace taskqueue::store
