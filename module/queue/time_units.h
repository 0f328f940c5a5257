// Units of time in seconds, which is what rows and metrics count in.
#pragma once

#include <cstdint>

namespace taskqueue {

inline constexpr std::int64_t kMinuteSeconds = 60;
inline constexpr std::int64_t kHourSeconds = 3600;
inline constexpr std::int64_t kDaySeconds = 86400;

}  // namespace taskqueue
