#include "module/web/pages/error_rows.h"

#include <algorithm>

#include "module/queue/task_state.h"
#include "module/web/form.h"
#include "module/web/pages/formats.h"

namespace taskqueue::web {
namespace {

using kainjow::mustache::data;

std::string linkTo(TaskState state, int group) {
  return writeQuery({{"State", std::string(toString(state))}, {"ErrorGroup", std::to_string(group)}});
}

}  // namespace

data ErrorRows::of(const std::vector<ErrorGroup>& groups) {
  std::vector<int> ids;
  for (const ErrorGroup& group : groups) ids.push_back(group.id);
  const auto parts = errors_.readErrorParts(ids, now_ - span_.seconds, span_.part);
  const auto tasks =
      groups.empty() ? std::map<int, ErrorGroupTasks>() : errors_.countTasksOfErrorGroups(kErrorTasksCounted);
  data rows(data::type::list);
  for (const ErrorGroup& group : groups) {
    const auto its = tasks.find(group.id);
    rows.push_back(rowOf(group, its == tasks.end() ? ErrorGroupTasks() : its->second, parts));
  }
  return rows;
}

data ErrorRows::rowOf(const ErrorGroup& group, const ErrorGroupTasks& tasks,
                      const std::vector<ErrorPart>& parts) const {
  data row;
  row.set("Id", std::to_string(group.id));
  setStatus(row, toString(group.state), say_);
  row.set("TaskHandlerClass", group.taskHandlerClass);
  row.set("handlerPath", percentEncoded(group.taskHandlerClass));
  if (!group.errorCode.empty()) row.set("ErrorCode", group.errorCode);
  const bool isFurther = group.errorCode.empty() && group.pattern.empty();
  row.set("pattern", isFurther ? say_.text("other errors of this handler") : group.pattern);
  setTime(row, "FirstSeenOn", group.firstSeenOn);
  setTime(row, "LastSeenOn", group.lastSeenOn);
  row.set("lastRun", std::to_string(group.lastRunId));
  row.set("runs", say_.plural("%1 failed run", "%1 failed runs", group.failed));
  data links(data::type::list);
  const auto add = [&](TaskState state, std::int64_t number) {
    if (number == 0) return;
    data link;
    link.set("query", linkTo(state, group.id));
    link.set("text", say_.number(number) + " " + statusText(toString(state), say_));
    links.push_back(link);
  };
  add(TaskState::Failed, tasks.failed);
  add(TaskState::Lost, tasks.lost);
  add(TaskState::Retrying, tasks.retrying);
  row.set("links", links);
  if (tasks.failed > 0) row.set("retryFilter", linkTo(TaskState::Failed, group.id));
  if (tasks.retrying > 0) row.set("cancelFilter", linkTo(TaskState::Retrying, group.id));
  data marks(data::type::list);
  const std::array<std::pair<ErrorGroupState, std::string>, 4> verbs{
      {{ErrorGroupState::Known, say_.text("Mark as known")},
       {ErrorGroupState::Muted, say_.text("Mute")},
       {ErrorGroupState::Resolved, say_.text("Resolve")},
       {ErrorGroupState::New, say_.text("Mark as new")}}};
  for (const auto& [state, text] : verbs) {
    if (state == group.state || (state == ErrorGroupState::New && group.state != ErrorGroupState::Muted))
      continue;
    data mark;
    mark.set("word", std::string(toString(state)));
    mark.set("text", text);
    marks.push_back(mark);
  }
  row.set("marks", marks);
  const UnixSeconds first = (now_ - span_.seconds) / span_.part * span_.part;
  std::vector<std::int64_t> values(static_cast<std::size_t>((now_ - first) / span_.part + 1));
  for (const ErrorPart& part : parts) {
    const std::int64_t at = (part.from - first) / span_.part;
    if (part.groupId == group.id && at >= 0 && at < static_cast<std::int64_t>(values.size()))
      values[static_cast<std::size_t>(at)] += part.failed;
  }
  setBars(row, values, say_.text("Failed runs over time"));
  return row;
}

}  // namespace taskqueue::web
