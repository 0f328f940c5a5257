// This part of Api changes tasks that wait.
#include "module/web/api.h"
#include "module/web/api_scope.h"
#include "module/web/cms_events.h"
#include "module/web/task_json.h"

namespace taskqueue::web {
namespace {

Problem refusalOfChange(const std::vector<InputError>& errors) {
  Problem problem{422, "The change was not accepted", "Nothing was changed.", {}};
  for (const InputError& error : errors) problem.errors.emplace_back(error.member, error.problem);
  return problem;
}

}  // namespace

std::optional<Problem> Api::findProblem(const TaskQueue::ChangeResult& result) {
  if (!result.errors.empty()) return refusalOfChange(result.errors);
  switch (result.outcome) {
    case ChangeOutcome::Changed:
      return std::nullopt;
    case ChangeOutcome::Running:
      return Problem{409, "The task is running", "Only a task that waits can be changed.", {}};
    case ChangeOutcome::Ended:
      return Problem{409, "The task has ended", "Only a task that waits can be changed. Copy it as a new one.", {}};
    case ChangeOutcome::VersionDiffers:
      return Problem{409, "The task has changed meanwhile", "Look at it again, and repeat the action.", {}};
    case ChangeOutcome::TooFewTries:
    case ChangeOutcome::NoSuchTask:
      break;
  }
  return notFound("task");
}

Answer Api::changeTask(const Request& request) {
  const auto id = parseId(request);
  if (!id) return notFound("task");
  if (!isJson(request.contentType))
    return Problem{415, "Unsupported media type", "Send the change as application/json.", {}};
  const QueueLimits& limits = dependencies_.configuration.limits;
  const auto parsed = readBody(request, {.bytes = dependencies_.configuration.web.bodyBytes,
                                         .depth = limits.taskDataDepth + 1,
                                         .members = limits.taskDataMembers + 16,
                                         .exactNumbers = true});
  if (const auto* problem = std::get_if<Problem>(&parsed)) return *problem;
  const ParsedChange wanted = parseTaskChange(std::get<json::Document>(parsed));
  if (!wanted.errors.empty()) return refusalOfChange(wanted.errors);
  const auto task = dependencies_.stores.tasks.findTask(*id);
  if (!task) return notFound("task");
  NewTask inNewPlace;
  inNewPlace.taskHandlerClass = task->taskHandlerClass;
  inNewPlace.queue = wanted.change.queue.value_or(task->queue);
  if (auto problem = request.token ? refuseByScope(*request.token, inNewPlace) : std::nullopt) return *problem;
  if (wanted.change.taskData) {
    const auto& allowed = dependencies_.configuration.web.cmsEvents;
    if (auto error = refuseCmsEvent(task->taskHandlerClass, *wanted.change.taskData, allowed))
      return refusalOfChange({std::move(*error)});
  }
  if (auto problem = findProblem(dependencies_.queue.changeTask(*id, wanted.change, wanted.version)))
    return *problem;
  dependencies_.wake({});
  const auto now = dependencies_.stores.tasks.findTask(*id);
  return answer(
      json::Writer().startObject().member("Id", *id).member("Version", now ? versionOf(*now) : "").endObject());
}

}  // namespace taskqueue::web
