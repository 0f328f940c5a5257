// Keeps handlers, their limits and pauses, and TaskRunnerLimit. stores.h has the rules of all roles.
#pragma once

#include <optional>
#include <string_view>
#include <vector>
#include "module/queue/pause.h"
#include "module/queue/runner.h"
#include "module/queue/store_error.h"

namespace taskqueue {

class HandlerStore {
 public:
  virtual ~HandlerStore() = default;

  // Returns the classes that runners offer or have offered, each as last announced, at most kMaxHandlersRead.
  virtual std::vector<HandlerDeclaration> findHandlers() = 0;
  virtual std::optional<HandlerDeclaration> findHandler(std::string_view taskHandlerClass) = 0;
  virtual std::vector<Pause> findPauses() = 0;  // the first kMaxPausesRead
  // Returns whether this changed anything. Resuming a handler makes the tasks that were parked for its pause
  // wait again.
  // Pausing with other terms replaces the pause. The name of all queues is empty.
  virtual bool setPaused(PauseKind kind, std::string_view name, bool paused, int byId,
                         const PauseTerms& terms) = 0;
  bool setPaused(PauseKind kind, std::string_view name, bool paused, int byId) {
    return setPaused(kind, name, paused, byId, {});
  }
  // Resumes what was paused until a time that is over, and returns how many pauses that were.
  virtual int endPauses() = 0;
  // Lets at most this many tasks of the class, and of each of its ConcurrencyKeys, run at once over all
  // runners. 0 means no limit; an absent limit per key does not change. This limit has precedence over the
  // handler's own. Tasks parked at a limit wait again when there is room. Returns the limits now in force.
  virtual HandlerLimits setHandlerLimit(std::string_view taskHandlerClass, int maxRunning,
                                        std::optional<int> maxRunningPerKey, int byId) = 0;
  // Reads SystemSettings.TaskRunnerLimit.
  virtual RunnerLimit findRunnerLimit() = 0;
  int taskRunnerLimit() { return findRunnerLimit().limit; }
  // Sets TaskRunnerLimit and creates its row if needed. If `onlyIf` is given, only while this is its value;
  // otherwise returns false.
  virtual bool setTaskRunnerLimit(int limit, std::optional<int> onlyIf) = 0;
};

}  // namespace taskqueue
