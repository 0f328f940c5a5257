// What becomes of the tasks that a claim has locked.
#pragma once

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "module/json/writer.h"
#include "module/queue/due_task.h"
#include "module/store/claim/claimer.h"

namespace taskqueue::store {

// Sorts locked tasks into claims, deferrals and retirements, each as the JSON rows of its statement.
struct Claimer::DueTasks {
  std::vector<Task> wanted;                              // tasks to claim, in the order in which they start
  std::unordered_map<std::string, std::size_t> ofToken;  // run token to index in `wanted`
  json::Writer claims;
  json::Writer deferred;
  json::Writer retired;
  int leftToOthers = 0;  // tasks postponed for other runners
  int gone = 0;          // tasks parked, or postponed by more than a second
  bool anyDeferred = false;
  std::vector<int> retiredIds;

  DueTasks() {
    claims.startArray();
    deferred.startArray();
    retired.startArray();
  }

  void claim(Task task, std::string token) {
    claims.startObject().member("q", task.id).member("k", token).endObject();
    ofToken.emplace(std::move(token), wanted.size());
    wanted.push_back(std::move(task));
  }
  void retire(const Task& task) {
    retired.startObject().member("q", task.id).endObject();
    retiredIds.push_back(task.id);
  }
  void defer(const Task& task, const DueJudgement& judgement) {
    deferred.startObject().member("q", task.id).member("n", judgement.nextRunOn);
    deferred.member("w", judgement.reason).endObject();
    anyDeferred = true;
  }
};

}  // namespace taskqueue::store
