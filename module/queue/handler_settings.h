// The settings that a handler declares for its tasks. Where a setting is absent, the task, the runner or a
// default decides.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/retry_policy.h"

namespace taskqueue {

struct NewTask;

// Decides what happens to a task if its worker or runner dies during a run.
enum class OnCrash {
  Retry,  // the task is retried as after any other failure
  Fail,   // the task has failed, and only a person can retry it
};
inline constexpr std::array kAllOnCrash{OnCrash::Retry, OnCrash::Fail};

std::string_view toString(OnCrash onCrash);  // retry, fail
std::optional<OnCrash> parseOnCrash(std::string_view word);

// The most tasks of a handler that run at once, counted over all runners. 0 means no limit.
struct HandlerLimits {
  int maxRunning = 0;
  int maxRunningPerKey = 0;  // the limit for each ConcurrencyKey

  bool operator==(const HandlerLimits&) const = default;
};

struct HandlerSettings {
  int timeLimitSeconds = 0;                   // limit for one run; 0: the runner's default
  int maxRetries = 0;                         // used if the task gives none; 0: kDefaultMaxRetries
  std::optional<int> retryDelaySeconds;       // delay after the first failure
  std::optional<int> retryDelayLimitSeconds;  // longest delay, before jitter
  // Delays in seconds after the first, second, … failure, before jitter; the last one holds for all further
  // failures. If there are any, the two settings above do not count.
  std::vector<int> retryDelays{};
  OnCrash onCrash = OnCrash::Retry;
  std::string queue;            // used if the task gives none; empty: kDefaultQueue
  std::optional<int> priority;  // used if the task gives none
  int maxRunning = 0;           // limit over all runners; 0: none
  int maxRunningPerKey = 0;     // the same for each ConcurrencyKey
  // A task with a UniqueKey that gives no UniqueMode has the mode window with so many seconds; 0: mode keep.
  int uniqueSeconds = 0;

  // Fills in the members that the sender of a task did not set.
  void complete(NewTask& task) const;
  // Returns the delays for failed tasks of this handler. Values that the handler does not declare come from
  // `defaultValue`.
  RetryPolicy retryPolicy(RetryPolicy defaultValue) const;

  bool operator==(const HandlerSettings&) const = default;
};

// Converts delays to the form of the column RetryDelays, such as "10,60,300", and back.
std::string textOfRetryDelays(const std::vector<int>& delays);
std::vector<int> parseRetryDelays(std::string_view text);

}  // namespace taskqueue
