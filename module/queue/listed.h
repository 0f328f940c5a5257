// Limits on the rows that a list of a small table holds. Such a table is usually small, but no page may
// depend on that.
#pragma once

namespace taskqueue {

inline constexpr int kMaxHandlersRead = 1000;  // the first by name
inline constexpr int kMaxPausesRead = 1000;    // the first by kind and name

}  // namespace taskqueue
