#include "module/store/sql/task_conditions.h"

namespace taskqueue::store {
namespace {

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
  if (filter.errorCode) set |= kByError;
  if (filter.queuedFrom || filter.queuedUntil) set |= kByQueuedOn;
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
        " AND (SELECT r.ErrorCode FROM {TaskRuns} r FORCE INDEX (TaskQueueId) WHERE r.TaskQueueId = t.Id "
        "ORDER BY "
        "r.Attempt DESC LIMIT 1) = ?";
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
  if ((set & kByError) != 0) to.emplace_back(*filter.errorCode);
}

}  // namespace taskqueue::store
