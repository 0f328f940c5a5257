#include "module/web/api_scope.h"

#include "module/queue/word_list.h"

#include <algorithm>
#include <array>

#include "module/queue/audit.h"
#include "module/queue/whole_number.h"

namespace taskqueue::web {
namespace {

Problem refused(const std::string& detail) {
  return {403, "Forbidden", detail, {}};
}

Problem outside(const ApiToken& token) {
  std::string only;
  if (!token.queues.empty()) only += " the queues " + wordList(token.queues);
  if (!token.handlers.empty())
    only += (only.empty() ? "" : " and") + std::string(" the handlers ") + wordList(token.handlers);
  return refused("This token is for" + only + " only.");
}

std::optional<int> idIn(const Request& request) {
  const auto found = request.parameters.find("Id");
  const auto id = found == request.parameters.end() ? std::nullopt : wholeNumber(found->second, 1, INT32_MAX);
  return id ? std::optional(static_cast<int>(*id)) : std::nullopt;
}

std::string valueOf(const std::map<std::string, std::string>& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? "" : found->second;
}

bool covers(const ApiToken& token, const std::optional<Task>& task) {
  return task && token.coversQueue(task->queue) && token.coversHandler(task->taskHandlerClass);
}

bool covers(const ApiToken& token, ApiScope scope, const Request& request, TaskStore& tasks) {
  const auto id = idIn(request);
  switch (scope) {
    case ApiScope::Nothing:
      return true;
    case ApiScope::Whole:
      return false;
    case ApiScope::NewTasks:
      return true;
    case ApiScope::Task:
      return id && covers(token, tasks.findTask(*id));
    case ApiScope::Run: {
      const auto run = id ? tasks.findRun(*id) : std::nullopt;
      return run && covers(token, tasks.findTask(run->taskQueueId));
    }
    case ApiScope::List:
      return token.coversQueue(valueOf(request.query, "Queue")) &&
             token.coversHandler(valueOf(request.query, "TaskHandlerClass"));
    case ApiScope::Queue:
      return token.handlers.empty() && token.coversQueue(valueOf(request.parameters, "Name"));
    case ApiScope::Handler:
      return token.queues.empty() && token.coversHandler(valueOf(request.parameters, "Name"));
  }
  return false;
}

}  // namespace

std::optional<Problem> refuseByScope(const ApiToken& token, const ApiNeed& need, const Request& request,
                                     TaskStore& tasks) {
  if (need.role && !token.may(*need.role))
    return refused(std::string("This needs a token with the role ") + toString(*need.role) + ".");
  if (!token.isScoped() || covers(token, need.scope, request, tasks)) return std::nullopt;
  return outside(token);
}

std::optional<Problem> refuseByScope(const ApiToken& token, const NewTask& task) {
  // These tasks change other tasks, which may be outside of the token's scope.
  const bool isBulk = isBulkHandler(task.taskHandlerClass);
  if (isBulk && (!token.may(ApiRole::Operate) || token.isScoped()))
    return refused("This token may not enqueue " + task.taskHandlerClass + ".");
  if (!token.isScoped()) return std::nullopt;
  // The handler's default queue is not known here, so a scoped task must name its queue.
  if (!token.coversQueue(task.queue.value_or("")) || !token.coversHandler(task.taskHandlerClass))
    return outside(token);
  if (task.uniqueMode == UniqueMode::Replace)
    return refused(
        "The UniqueMode replace could end a task of another queue or handler: this token may not use it.");
  return std::nullopt;
}

}  // namespace taskqueue::web
