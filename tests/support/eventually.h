// Waiting for something that another process does: asks again and again, never sleeps blindly.
#pragma once

#include <chrono>
#include <thread>

namespace taskqueue::test_support {

// True as soon as the condition holds; false when it still does not after `limit`.
template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kBetweenLooks{10};
  const auto end = std::chrono::steady_clock::now() + limit;
  while (true) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= end) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace taskqueue::test_support
