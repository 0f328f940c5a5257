// Reads the declarations of handlers.
#include "module/queue/listed.h"
#include "module/store/handlers/maria_handlers.h"

namespace taskqueue::store {
namespace {

// The newest row of a class is its latest declaration. The rows that have not been replaced tell since when
// no runner offers it. A runner that died counts until its last heartbeat. Served by the index
// TaskHandlerClass, and the primary key of TaskRunners.
const SqlPiece kHandlerColumns{"handler_columns", R"(
  h.TaskHandlerClass, h.Kind, h.DataSchema,
  (
    SELECT COUNT(*)
    FROM {TaskHandlers} o
    JOIN {TaskRunners} n ON n.Id = o.TaskRunnerId
    WHERE o.TaskHandlerClass = h.TaskHandlerClass
      AND o.WithdrawnOn IS NULL
      AND n.Status = 'running'
  ),
  (
    SELECT MAX(COALESCE(o.WithdrawnOn, IF(n.Status = 'timeout', n.LastHeartbeatOn, n.FinishedOn)))
    FROM {TaskHandlers} o
    JOIN {TaskRunners} n ON n.Id = o.TaskRunnerId
    WHERE o.TaskHandlerClass = h.TaskHandlerClass
  ),
  h.TimeLimitSeconds, h.MaxRetries, h.RetryDelaySeconds, h.RetryDelayLimitSeconds,
  h.RetryDelays, h.UniqueSeconds, h.OnCrash,
  h.Queue, h.Priority, COALESCE(l.MaxRunning, 0), COALESCE(l.MaxRunningPerKey, 0)
)"};

const Sql kFindHandlers{"find-handlers", R"(
  SELECT {handler_columns}
  FROM {TaskHandlers} h FORCE INDEX (TaskHandlerClass)
  LEFT JOIN {TaskQueueLimits} l ON l.TaskHandlerClass = h.TaskHandlerClass
  WHERE h.Id = (
    SELECT MAX(x.Id)
    FROM {TaskHandlers} x
    WHERE x.TaskHandlerClass = h.TaskHandlerClass
  )
  ORDER BY h.TaskHandlerClass
  LIMIT ?
)"};

const Sql kFindHandler{"find-handler", R"(
  SELECT {handler_columns}
  FROM {TaskHandlers} h FORCE INDEX (TaskHandlerClass)
  LEFT JOIN {TaskQueueLimits} l ON l.TaskHandlerClass = h.TaskHandlerClass
  WHERE h.TaskHandlerClass = ?
  ORDER BY h.Id DESC
  LIMIT 1
)"};

HandlerDeclaration readHandler(Row& row) {
  HandlerDeclaration handler;
  row.next(handler.taskHandlerClass, handler.kind, handler.dataSchema, handler.liveRunners,
           handler.offeredUntil);
  if (handler.liveRunners > 0) handler.offeredUntil.reset();
  HandlerSettings& settings = handler.settings;
  std::string retryDelays;
  row.into(settings.timeLimitSeconds, settings.maxRetries, settings.retryDelaySeconds,
           settings.retryDelayLimitSeconds, retryDelays, settings.uniqueSeconds, settings.onCrash,
           settings.queue, settings.priority, settings.maxRunning, settings.maxRunningPerKey);
  settings.retryDelays = parseRetryDelays(retryDelays);
  return handler;
}

}  // namespace

std::vector<HandlerDeclaration> MariaHandlers::findHandlers() {
  std::vector<HandlerDeclaration> handlers;
  for (Row& row : connection_.query(kFindHandlers, {kMaxHandlersRead})) handlers.push_back(readHandler(row));
  return handlers;
}

std::optional<HandlerDeclaration> MariaHandlers::findHandler(std::string_view taskHandlerClass) {
  auto rows = connection_.query(kFindHandler, {taskHandlerClass});
  return rows.empty() ? std::nullopt : std::optional(readHandler(rows.front()));
}

}  // namespace taskqueue::store
