// Waits for a condition that another process or thread fulfils. It polls, and never sleeps blindly.
#pragma once

#include <stdlib.h>

#include <chrono>
#include <iostream>
#include <source_location>
#include <thread>

namespace taskqueue::test_support {

// A loaded machine gets this many times the time of an idle one.
constexpr int kPatience = 20;

// Returns true as soon as the condition holds. `limit` is the time for an idle machine; after kPatience times
// the limit it returns false. It then prints place, time and machine load, so that a reader can tell a slow
// machine from a wrong program.
template <typename Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit,
                std::source_location place = std::source_location::current()) {
  constexpr std::chrono::milliseconds kBetweenLooks{10};
  const auto end = std::chrono::steady_clock::now() + kPatience * limit;
  while (true) {
    if (condition()) return true;
    if (std::chrono::steady_clock::now() >= end) break;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  double load = 0;
  ::getloadavg(&load, 1);
  std::cerr << place.file_name() << ":" << place.line() << ": what is waited for did not come within "
            << (kPatience * limit).count() << " ms; load " << load << " on "
            << std::thread::hardware_concurrency() << " cores\n";
  return false;
}

}  // namespace taskqueue::test_support
