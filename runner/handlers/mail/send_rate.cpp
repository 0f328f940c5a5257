#include "runner/handlers/mail/send_rate.h"

#include <algorithm>
#include <string>

namespace taskqueue::handlers {
namespace {

constexpr std::int64_t kMinuteMs = 60000;
constexpr const char* kName = "SendMail";

// Uses the unique key Name. A time slot more than ten minutes ahead was given before the clock was set back,
// so it is ignored.
const store::Sql kTake{
    "take-turn",
    "INSERT INTO {TaskRates} (Name, NextOnMs) VALUES (?, FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)) "
    "ON DUPLICATE KEY UPDATE NextOnMs = IF(NextOnMs > VALUES(NextOnMs) + 600000, VALUES(NextOnMs), "
    "GREATEST(NextOnMs + ?, VALUES(NextOnMs))) "
    "RETURNING NextOnMs - FLOOR(UNIX_TIMESTAMP(NOW(3)) * 1000)"};

}  // namespace

std::chrono::milliseconds SendRate::take() {
  const std::int64_t apart = (kMinuteMs + perMinute_ - 1) / perMinute_;
  auto rows = connection_.query(kTake, {std::string(kName), apart});
  return std::chrono::milliseconds(std::max<std::int64_t>(rows.at(0).integer(), 0));
}

}  // namespace taskqueue::handlers
