// Judges the due tasks that a claim has locked by the tables: which handlers other runners offer, what is
// paused and what is limited. It reads the classes of many tasks at once, and no others. It lives as long as
// the claim's transaction.
#pragma once

#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "module/queue/due_task.h"
#include "module/queue/sync.h"
#include "module/store/claim/concurrency_limits.h"

namespace taskqueue::store {

class DueJudge {
 public:
  // All three must outlive the judge.
  DueJudge(Connection& connection, const SyncRequest& request, ConcurrencyLimits& limits)
      : connection_(connection),
        request_(request),
        limits_(limits),
        ours_(request.handlers.begin(), request.handlers.end()) {}

  // Reads what the tables say about these tasks' classes. It must be called before they are judged.
  void learnOf(std::span<const Task> tasks);
  // Takes a place of the task's limits when the task may be claimed.
  DueJudgement judge(const Task& task, UnixSeconds now);

 private:
  HandlerReach reachOf(const std::string& taskHandlerClass) const;

  Connection& connection_;
  const SyncRequest& request_;
  ConcurrencyLimits& limits_;
  std::unordered_set<std::string> ours_;
  std::unordered_map<std::string, bool> offeredByOthers_;  // classes that this runner does not offer
};

}  // namespace taskqueue::store
