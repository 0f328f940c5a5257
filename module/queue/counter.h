// Counters that only grow. They are stored in the database, so that they outlive the process that counted.
#pragma once

#include <array>
#include <string_view>

namespace taskqueue {

enum class Counter {
  RefusedWrites,  // ends and releases that were refused because the runner no longer owned the run
  LostRuns,       // runs that a living runner lost, as its heartbeat reported
  UnknownRuns,    // runs that the table assigned to a runner that had not claimed them; they were released
  RescuedRuns,    // runs that were ended because their runner had died
};

inline constexpr std::array kAllCounters{Counter::RefusedWrites, Counter::LostRuns, Counter::UnknownRuns,
                                         Counter::RescuedRuns};

constexpr std::string_view toString(Counter counter) {
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
