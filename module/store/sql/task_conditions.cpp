#include "module/store/sql/task_conditions.h"

#include <algorithm>

#include "module/queue/task_state.h"
#include "module/store/sql/task_place.h"

namespace taskqueue::store {
namespace {

constexpr std::size_t kMaxStatuses = 3;  // of a state; the text has as many placeholders

// Escapes the characters that LIKE would take for a pattern.
std::string literalPattern(const std::string& text) {
  std::string literal;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') literal += '\\';
    literal += c;
  }
  return literal;
}

}  // namespace

unsigned TaskConditions::setOf(const TaskFilter& filter) {
  unsigned set = 0;
  if (filter.lastStatus) set |= kByStatus;
  if (filter.taskHandlerClass) set |= kByClass;
  if (filter.queue) set |= kByQueue;
  if (filter.titlePart) set |= kByTitle;
  if (filter.errorCode || filter.errorGroupId) set |= kByError;
  if (filter.queuedFrom || filter.queuedUntil) set |= kByQueuedOn;
  if (filter.state) set |= kByState;
  return set;
}

std::string TaskConditions::textOf(unsigned set) {
  std::string text;
  if ((set & kByStatus) != 0) text += " AND t.LastStatus = ?";
  if ((set & kByClass) != 0) text += " AND t.TaskHandlerClass = ?";
  if ((set & kByQueue) != 0) text += " AND t.Queue = ?";
  if ((set & kByTitle) != 0) text += " AND t.Title LIKE ?";
  if ((set & kByQueuedOn) != 0) text += " AND t.QueuedOn BETWEEN ? AND ?";
  // The newest run counts. Served by the index TaskQueueId (TaskQueueId, Attempt).
  if ((set & kByError) != 0)
    text +=
        " AND (SELECT (? IS NULL OR r.ErrorCode = ?) AND (? IS NULL OR r.ErrorGroupId = ?) FROM {TaskRuns} r "
        "FORCE INDEX (TaskQueueId) WHERE r.TaskQueueId = t.Id ORDER BY r.Attempt DESC LIMIT 1) = 1";
  if ((set & kByState) != 0) text += " AND t.LastStatus IN (?, ?, ?) AND ({task_place} & ?) <> 0";
  return text;
}

void TaskConditions::addParameters(unsigned set, const TaskFilter& filter, std::vector<Value>& to) {
  if ((set & kByStatus) != 0) to.emplace_back(std::string(toString(*filter.lastStatus)));
  if ((set & kByClass) != 0) to.emplace_back(*filter.taskHandlerClass);
  if ((set & kByQueue) != 0) to.emplace_back(*filter.queue);
  if ((set & kByTitle) != 0) to.emplace_back("%" + literalPattern(*filter.titlePart) + "%");
  if ((set & kByQueuedOn) != 0) {
    to.emplace_back(filter.queuedFrom.value_or(INT32_MIN));
    to.emplace_back(filter.queuedUntil.value_or(INT32_MAX));
  }
  if ((set & kByError) != 0) {
    to.emplace_back(filter.errorCode);
    to.emplace_back(filter.errorCode);
    to.emplace_back(filter.errorGroupId);
    to.emplace_back(filter.errorGroupId);
  }
  if ((set & kByState) != 0) {
    const TaskStateRule& rule = ruleOf(*filter.state);
    for (std::size_t i = 0; i < kMaxStatuses; ++i)
      to.emplace_back(std::string(toString(rule.statuses.at(std::min(i, rule.statuses.size() - 1)))));
    to.emplace_back(std::int64_t{rule.places});
  }
}

}  // namespace taskqueue::store
