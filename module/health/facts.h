// All that the checks look at, read once for all of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "module/health/settings.h"
#include "module/health/space.h"
#include "module/queue/task_store.h"

namespace taskqueue::health {

inline constexpr int kMostRunners = 1000;
inline constexpr int kMostQueues = 1000;
inline constexpr int kMostExplained = 20;  // queues and handlers of which more than a number is read

struct Facts {
  const Settings& settings;
  HealthFacts tables{};
  std::vector<Runner> runners{};  // whose row says that they run
  int runnersExpected = 0;
  OverseerFacts overseer{};
  std::vector<Pause> pauses{};
  std::vector<QueueDepth> queues{};
  std::map<std::string, WaitFacts> oldest{};      // of queues that wait too long, by name
  std::map<std::string, HandlerOutcome> usual{};  // of handlers that fail often, by class: the week before
  std::vector<Space> spaces{};

  UnixSeconds now() const { return tables.now; }
  bool isPaused(PauseKind kind, const std::string& name) const;
  // Whether the queue's oldest due task has waited longer than it may without a reason.
  bool waitsTooLong(const QueueDepth& queue) const;
  // Whether the handler fails so often that it matters what is usual for it.
  bool failsOften(const HandlerOutcome& outcome) const;
};

// Throws StoreError.
Facts readFacts(TaskStore& store, const Settings& settings);

}  // namespace taskqueue::health
