// How many rows a list of a small table holds at most. Such a table is small as a rule; no page may depend on
// it.
#pragma once

namespace taskqueue {

inline constexpr int kMaxHandlersRead = 1000;  // the first by name
inline constexpr int kMaxPausesRead = 1000;    // the first by kind and name

}  // namespace taskqueue
