// Keeps the log small: only so many lines per minute with the same message are written, and further ones are
// counted. It only decides; the caller writes the lines, and guards this object with a mutex.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace taskqueue::platform {

class LogLimiter {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds kPeriod{60};
  static constexpr int kLinesOfAPeriod = 30;        // most written lines with the same message in a period
  static constexpr std::size_t kMaxMessages = 200;  // messages per period; all further ones count as one

  enum class Verdict {
    Write,
    WriteAsLast,  // further lines with this message are only counted, until the period is over
    Count,
  };
  struct LeftOut {
    std::string message;
    std::int64_t lines = 0;
  };

  Verdict look(std::string_view message, Clock::time_point now);
  // Returns the lines that were only counted in the previous period. Each is returned once.
  std::vector<LeftOut> takeLeftOut(Clock::time_point now);

 private:
  std::unordered_map<std::string, std::int64_t> seen_;  // lines of this period, by message
  Clock::time_point end_{};                             // the period ends then
};

}  // namespace taskqueue::platform
