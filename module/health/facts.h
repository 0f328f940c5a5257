// The facts that all checks use, read once.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "module/health/settings.h"
#include "module/health/space.h"
#include "module/queue/store/stores.h"

namespace taskqueue::health {

inline constexpr int kMaxRunners = 1000;
inline constexpr int kMaxQueues = 1000;
inline constexpr int kMaxExplained = 20;  // most queues, and most handlers, with details

struct Facts {
  const Settings& settings;
  HealthFacts tables{};
  std::vector<Runner> runners{};  // runners whose rows say that they are running
  int runnersExpected = 0;
  OverseerFacts overseer{};
  std::vector<Pause> pauses{};
  std::vector<QueueDepth> queues{};
  std::map<std::string, WaitFacts> oldest{};  // oldest due tasks of queues that wait too long, by queue
  std::map<std::string, HandlerOutcome>
      usual{};  // outcomes of the week before, for handlers that fail often, by class
  std::vector<ErrorGroup>
      newErrors{};  // groups in the state New that failed within the day, at most kMaxExplained
  std::vector<Space> spaces{};

  UnixSeconds now() const { return tables.now; }
  bool isPaused(PauseKind kind, const std::string& name) const;
  // Returns whether the oldest due task of an unpaused queue has waited too long.
  bool waitsTooLong(const QueueDepth& queue) const;
  // Returns whether the handler fails so often that its usual failure rate is needed.
  bool failsOften(const HandlerOutcome& outcome) const;
};

// Throws StoreError.
Facts readFacts(const Stores& stores, const Settings& settings);

}  // namespace taskqueue::health
