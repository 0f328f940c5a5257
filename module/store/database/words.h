// Reads the words that stand for the values of enums in the tables.
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>

#include "module/queue/handler_settings.h"
#include "module/queue/notify_on.h"
#include "module/queue/pause.h"
#include "module/queue/schedule/schedule.h"
#include "module/queue/status.h"

namespace taskqueue::store {

inline std::optional<RunStatus> parseWord(std::string_view word, std::type_identity<RunStatus>) {
  return parseRunStatus(word);
}
inline std::optional<RunnerStatus> parseWord(std::string_view word, std::type_identity<RunnerStatus>) {
  return parseRunnerStatus(word);
}
inline std::optional<NotifyOn> parseWord(std::string_view word, std::type_identity<NotifyOn>) {
  return parseNotifyOn(word);
}
inline std::optional<OnCrash> parseWord(std::string_view word, std::type_identity<OnCrash>) {
  return parseOnCrash(word);
}
inline std::optional<Missed> parseWord(std::string_view word, std::type_identity<Missed>) {
  return parseMissed(word);
}
inline std::optional<Overlap> parseWord(std::string_view word, std::type_identity<Overlap>) {
  return parseOverlap(word);
}
inline std::optional<FiringOutcome> parseWord(std::string_view word, std::type_identity<FiringOutcome>) {
  return parseFiringOutcome(word);
}

}  // namespace taskqueue::store
