// What operators are told of: handlers whose tasks fail for good, queues that wait, an overseer that does not
// come. A pure look at the tables; who is told, and that it is once a while for each cause, is decided by
// whoever makes notifications of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "module/queue/task_store.h"

namespace taskqueue {

struct QueueLimits;

enum class AlertKind {
  HandlerFailed,   // tasks of the handler `subject` failed for good: `count` within alertSeconds
  QueueWaits,      // the queue `subject` has a task that has been due since `since`
  OverseerIsLate,  // it came last at `since`; nothing: never
};

struct Alert {
  AlertKind kind = AlertKind::HandlerFailed;
  std::string subject;
  std::int64_t count = 0;
  std::optional<UnixSeconds> since;
  UnixSeconds seenOn = 0;
};

// The kind and its subject, in a few printable words: the same for the same cause.
std::string causeOf(const Alert& alert);

// `overseerIsLate`: a runner stands in for it.
std::vector<Alert> findAlerts(TaskStore& store, const QueueLimits& limits, bool overseerIsLate);

}  // namespace taskqueue
