// The fake store: groups of errors.
#include <algorithm>

#include "module/queue/task_state.h"
#include "module/queue/time_units.h"
#include "tests/support/fake_store.h"

namespace taskqueue::test_support {

FakeErrorGroup& FakeTables::errorGroupOf(const std::string& taskHandlerClass, const Run& run) {
  const std::string pattern = errorPattern(run.errorMessage);
  const auto find = [&](const std::string& fingerprint) {
    return std::find_if(errorGroups.begin(), errorGroups.end(), [&](const auto& entry) {
      return entry.second.group.taskHandlerClass == taskHandlerClass &&
             entry.second.fingerprint == fingerprint;
    });
  };
  const std::string fingerprint = errorFingerprint(run.errorCode, pattern);
  if (const auto known = find(fingerprint); known != errorGroups.end()) return known->second;
  const auto ofHandler = std::count_if(errorGroups.begin(), errorGroups.end(), [&](const auto& entry) {
    return entry.second.group.taskHandlerClass == taskHandlerClass;
  });
  const bool isFull = ofHandler >= kMaxErrorGroupsOfHandler || errorGroups.size() >= kMaxErrorGroups;
  if (const auto further = find(""); isFull && further != errorGroups.end()) return further->second;
  const int id = errorGroups.empty() ? 1 : errorGroups.rbegin()->first + 1;
  FakeErrorGroup& added = errorGroups[id];
  added.fingerprint = isFull ? "" : fingerprint;
  added.group = {.id = id,
                 .taskHandlerClass = taskHandlerClass,
                 .errorCode = isFull ? "" : run.errorCode,
                 .pattern = isFull ? "" : pattern,
                 .firstSeenOn = run.finishedOn,
                 .lastSeenOn = run.finishedOn,
                 .newOn = run.finishedOn};
  return added;
}

void FakeTables::sumUpErrors(UnixSeconds minute) {
  for (auto& [id, row] : runs) {
    const UnixSeconds ended = row.run.finishedOn.value_or(-1);
    if (!isFailure(row.run.status) || ended < minute || ended >= minute + kMinuteSeconds) continue;
    const auto task = tasks.find(row.run.taskQueueId);
    if (task == tasks.end()) continue;
    FakeErrorGroup& found = errorGroupOf(task->second.task.taskHandlerClass, row.run);
    ErrorGroup& group = found.group;
    if (group.state == ErrorGroupState::Resolved && found.changedOn < ended) {
      group.state = ErrorGroupState::New;
      group.newOn = ended;
    }
    group.lastSeenOn = std::max(group.lastSeenOn.value_or(0), ended);
    group.lastRunId = id;
    auto& sums = found.hours[minute - minute % kHourSeconds];
    ++sums.failed;
    const bool isNewest = row.run.attempt == lastAttemptOf(row.run.taskQueueId, /*endedOnly=*/false);
    if (isNewest && task->second.task.lastStatus == row.run.status &&
        placeOf(task->second.task) == TaskPlace::Idle)
      ++sums.failedForGood;
    row.errorGroupId = group.id;
  }
}

std::vector<ErrorGroup> FakeErrors::findErrorGroups(const ErrorGroupFilter& filter) {
  const UnixSeconds hour = filter.from - filter.from % kHourSeconds;
  std::vector<ErrorGroup> groups;
  for (const auto& [id, row] : tables_.errorGroups) {
    ErrorGroup group = row.group;
    if (filter.taskHandlerClass.value_or(group.taskHandlerClass) != group.taskHandlerClass) continue;
    if (filter.state.value_or(group.state) != group.state) continue;
    for (auto sums = row.hours.lower_bound(hour); sums != row.hours.end(); ++sums) {
      group.failed += sums->second.failed;
      group.failedForGood += sums->second.failedForGood;
    }
    if (group.failed > 0) groups.push_back(group);
  }
  std::sort(groups.begin(), groups.end(), [](const ErrorGroup& a, const ErrorGroup& b) {
    return std::pair(a.failed, a.id) > std::pair(b.failed, b.id);
  });
  if (static_cast<int>(groups.size()) > filter.limit) groups.resize(static_cast<std::size_t>(filter.limit));
  return groups;
}

std::vector<ErrorPart> FakeErrors::readErrorParts(const std::vector<int>& groupIds, UnixSeconds from,
                                                  int seconds) {
  std::vector<ErrorPart> parts;
  for (const int id : groupIds) {
    std::map<UnixSeconds, std::int64_t> sums;
    const auto& hours = tables_.errorGroups.at(id).hours;
    for (auto hour = hours.lower_bound(from - from % kHourSeconds); hour != hours.end(); ++hour)
      sums[hour->first - hour->first % seconds] += hour->second.failed;
    for (const auto& [begin, failed] : sums) parts.push_back({id, begin, failed});
  }
  return parts;
}

std::map<int, ErrorGroupTasks> FakeErrors::countTasksOfErrorGroups(int) {
  std::map<int, ErrorGroupTasks> groups;
  for (const auto& [id, row] : tables_.tasks) {
    const TaskState state = stateOf(row.task);
    if (state != TaskState::Failed && state != TaskState::Lost && state != TaskState::Retrying) continue;
    for (const auto& [runId, run] : tables_.runs) {
      const bool isNewest =
          run.run.taskQueueId == id && run.run.attempt == tables_.lastAttemptOf(id, /*endedOnly=*/false);
      if (!isNewest || run.errorGroupId == 0) continue;
      ErrorGroupTasks& tasks = groups[run.errorGroupId];
      ++(state == TaskState::Failed ? tasks.failed : state == TaskState::Lost ? tasks.lost : tasks.retrying);
    }
  }
  return groups;
}

bool FakeErrors::setErrorGroupState(int id, ErrorGroupState state) {
  const auto found = tables_.errorGroups.find(id);
  if (found == tables_.errorGroups.end()) return false;
  ErrorGroup& group = found->second.group;
  group.state = state;
  found->second.changedOn = tables_.now;
  tables_.record("error group", std::nullopt, group.taskHandlerClass + " " + group.errorCode,
                 std::string(toString(state)));
  return true;
}

}  // namespace taskqueue::test_support
