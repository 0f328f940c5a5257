// What only ever grows, and is kept in the tables so that it outlives the process that counted.
#pragma once

#include <array>
#include <string_view>

namespace taskqueue {

enum class Counter {
  RefusedWrites,  // ends and releases of runs that were no longer the writer's
  LostRuns,       // runs that a living runner was told by its heartbeat are not its own any more
  UnknownRuns,    // runs that a heartbeat found and the runner had not claimed: given back
  RescuedRuns,    // ended since their runner had died
};

inline constexpr std::array kAllCounters{Counter::RefusedWrites, Counter::LostRuns, Counter::UnknownRuns,
                                         Counter::RescuedRuns};

constexpr std::string_view wordOf(Counter counter) {
  switch (counter) {
    case Counter::RefusedWrites:
      return "refused_writes";
    case Counter::LostRuns:
      return "lost_runs";
    case Counter::UnknownRuns:
      return "unknown_runs";
    case Counter::RescuedRuns:
      return "rescued_runs";
  }
  return "";
}

}  // namespace taskqueue
