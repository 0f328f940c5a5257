#include "module/queue/alerts.h"

#include <algorithm>

#include "module/queue/limits.h"

namespace taskqueue {
namespace {

constexpr int kMostQueues = 1000;  // looked at

void findWaitingQueues(TaskStore& store, const QueueLimits& limits, UnixSeconds now,
                       std::vector<Alert>& alerts) {
  if (limits.queueWaitsSeconds == 0) return;
  const auto pauses = store.findPauses();
  for (const QueueDepth& depth : store.readQueueDepths(kMostQueues, /*most=*/1)) {
    // What somebody has paused waits as it shall.
    const bool isPaused = std::any_of(pauses.begin(), pauses.end(), [&](const Pause& pause) {
      return pause.kind == PauseKind::Queue && pause.name == depth.queue;
    });
    if (isPaused || !depth.oldestDue || now - *depth.oldestDue <= limits.queueWaitsSeconds) continue;
    alerts.push_back({AlertKind::QueueWaits, depth.queue, 0, depth.oldestDue, now});
  }
}

}  // namespace

std::string causeOf(const Alert& alert) {
  switch (alert.kind) {
    case AlertKind::HandlerFailed:
      return "handler.failed " + alert.subject;
    case AlertKind::QueueWaits:
      return "queue.waits " + alert.subject;
    case AlertKind::OverseerIsLate:
      return "overseer.late";
  }
  return "";
}

std::vector<Alert> findAlerts(TaskStore& store, const QueueLimits& limits, bool overseerIsLate) {
  const UnixSeconds now = store.now();
  std::vector<Alert> alerts;
  const UnixSeconds since = now - limits.alertSeconds;
  for (const auto& [name, count] : store.countFailuresForGood(since)) {
    alerts.push_back({AlertKind::HandlerFailed, name, count, since, now});
  }
  findWaitingQueues(store, limits, now, alerts);
  if (overseerIsLate) {
    alerts.push_back({AlertKind::OverseerIsLate, "", 0, store.overseerMarkedOn(), now});
  }
  return alerts;
}

}  // namespace taskqueue
