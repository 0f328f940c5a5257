// Repeats what failed, while its error says that this may help.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

#include "module/queue/store_error.h"

namespace taskqueue::store {

struct RepeatPolicy {
  int tries = 8;
  // The wait before the second try; it doubles with each further one.
  std::chrono::milliseconds firstWait{5};
  std::function<bool(const StoreError&)> mayRepeat;
  // Returns a random number in [0, 1), so that rivals do not meet again. If it is empty, the wait is whole.
  std::function<double()> chance;
};

// Calls `body` until it throws nothing. Throws its StoreError when the policy does not repeat it, or after
// the last try.
template <typename Body>
auto repeat(const RepeatPolicy& policy, Body body) {
  for (int attempt = 1;; ++attempt) {
    try {
      return body();
    } catch (const StoreError& error) {
      if (attempt >= policy.tries || !policy.mayRepeat(error)) throw;
    }
    const auto longest = policy.firstWait * (1 << (attempt - 1));
    std::this_thread::sleep_for(policy.chance ? longest * (0.5 + policy.chance() / 2) : longest * 1.0);
  }
}

// Another client took the same unique key in between: at once again, and not often.
inline RepeatPolicy afterConflict() {
  return {.tries = 5,
          .firstWait = std::chrono::milliseconds(0),
          .mayRepeat = [](const StoreError& error) { return error.kind() == StoreError::Kind::Conflict; },
          .chance = {}};
}

}  // namespace taskqueue::store
