#include "module/platform/log_limiter.h"

namespace taskqueue::platform {
namespace {

constexpr const char* kFurtherMessages = "further messages";

}  // namespace

LogLimiter::Verdict LogLimiter::look(std::string_view message, Clock::time_point now) {
  if (seen_.empty()) end_ = now + kPeriod;
  std::string key(message);
  if (seen_.size() >= kMaxMessages && !seen_.contains(key)) key = kFurtherMessages;
  const std::int64_t lines = ++seen_[key];
  if (lines > kLinesOfAPeriod) return Verdict::Count;
  return lines == kLinesOfAPeriod ? Verdict::WriteAsLast : Verdict::Write;
}

std::vector<LogLimiter::LeftOut> LogLimiter::takeLeftOut(Clock::time_point now) {
  std::vector<LeftOut> leftOut;
  if (now < end_) return leftOut;
  for (const auto& [message, lines] : seen_) {
    if (lines > kLinesOfAPeriod) leftOut.push_back({message, lines - kLinesOfAPeriod});
  }
  seen_.clear();
  return leftOut;
}

}  // namespace taskqueue::platform
