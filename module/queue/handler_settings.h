// What a handler says about its own tasks. What is absent is decided by the task, the runner or a default.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "module/queue/retry_policy.h"

namespace taskqueue {

struct NewTask;

// What becomes of a task whose worker or runner died under it.
enum class OnCrash {
  Retry,  // it is tried again like any other failure
  Fail,   // it ends as failed: a person looks at it before it runs again
};

std::string_view wordOf(OnCrash onCrash);  // retry, fail
std::optional<OnCrash> onCrashOf(std::string_view word);

// How many of its tasks run at once, over all runners; 0: any number.
struct HandlerLimits {
  int maxRunning = 0;
  int maxRunningPerKey = 0;  // of one ConcurrencyKey

  bool operator==(const HandlerLimits&) const = default;
};

struct HandlerSettings {
  int timeLimitSeconds = 0;                   // of one run; 0: the runner's default
  int maxRetries = 0;                         // of a task that does not say; 0: kDefaultMaxRetries
  std::optional<int> retryDelaySeconds;       // after the first failure
  std::optional<int> retryDelayLimitSeconds;  // never longer than this, before jitter
  OnCrash onCrash = OnCrash::Retry;
  std::string queue;            // of a task that does not say; empty: kDefaultQueue
  std::optional<int> priority;  // of a task that does not say
  int maxRunning = 0;           // over all runners at once; 0: any number
  int maxRunningPerKey = 0;     // the same, of one ConcurrencyKey

  // Sets what the sender of a task has left open.
  void complete(NewTask& task) const;
  // How long a failed task of this handler waits; `otherwise` where it does not say.
  RetryPolicy retryPolicy(RetryPolicy otherwise) const;

  bool operator==(const HandlerSettings&) const = default;
};

}  // namespace taskqueue
