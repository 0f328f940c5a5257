// Waiting for something that another process or thread does: asks again and again, never sleeps blindly.
#pragma once

#include <stdlib.h>

#include <chrono>
#include <iostream>
#include <source_location>
#include <thread>

namespace taskqueue::test_support {

// A loaded machine is given this many times the time that an idle one may need.
constexpr int kPatience = 20;

// True as soon as the condition holds. `limit` is what an idle machine may need: false when the condition
// does not hold after kPatience times the limit. A false answer prints the place, the time and the machine's
// load, so that a reader can tell a slow machine from a wrong program.
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
