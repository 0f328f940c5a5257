#include "module/queue/runner.h"

#include <charconv>

#include "module/queue/utf8_text.h"

namespace taskqueue {

RunnerLimit readRunnerLimit(const std::optional<std::string>& value) {
  if (!value) return {.limit = 0, .unreadable = std::nullopt, .isMissing = true};
  constexpr const char* kBlanks = " \t\r\n";
  const auto first = value->find_first_not_of(kBlanks);
  const auto last = value->find_last_not_of(kBlanks);
  int limit = 0;
  if (first != std::string::npos) {
    const char* const end = value->data() + last + 1;
    const auto [stopped, error] = std::from_chars(value->data() + first, end, limit);
    if (error == std::errc() && stopped == end && limit >= 0)
      return {.limit = limit, .unreadable = std::nullopt, .isMissing = false};
  }
  return {.limit = 0, .unreadable = *value, .isMissing = false};
}

std::optional<std::string> findProblem(const RunnerLimit& limit) {
  if (limit.isMissing)
    return "The setting TaskRunnerLimit is missing and counts as 0; taskqueue runner-limit N sets it.";
  if (limit.unreadable) {
    constexpr std::size_t kQuotedLimitBytes = 60;
    return "The setting TaskRunnerLimit is no whole number from 0 on and counts as 0: '" +
           std::string(cutAtCharacter(*limit.unreadable, kQuotedLimitBytes)) +
           "'; taskqueue runner-limit N sets it.";
  }
  return std::nullopt;
}

}  // namespace taskqueue
