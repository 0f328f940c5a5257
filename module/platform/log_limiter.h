// Keeps the log small: of one message, only so many lines a minute are written, and further ones are counted.
// Decides only; the caller writes, and guards it with a mutex.
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
  static constexpr int kLinesOfAPeriod = 30;        // with the same message
  static constexpr std::size_t kMaxMessages = 200;  // in one period; all further ones count as one message

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
  // The lines that were only counted in the period before, once.
  std::vector<LeftOut> takeLeftOut(Clock::time_point now);

 private:
  std::unordered_map<std::string, std::int64_t> seen_;  // lines of this period, by message
  Clock::time_point end_{};                             // of this period
};

}  // namespace taskqueue::platform
