// Groups failed runs by their handler, their error code, and the pattern of their message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "module/queue/task.h"

namespace taskqueue {

// Bytes of a message that its pattern is made from, and of a pattern.
inline constexpr std::size_t kErrorMessageRead = 2000;
inline constexpr std::size_t kErrorPatternBytes = 300;
// Groups of one handler, and of all. Further errors of a handler share one group, which has no fingerprint.
inline constexpr int kMaxErrorGroupsOfHandler = 100;
inline constexpr int kMaxErrorGroups = 1000;
inline constexpr std::int64_t kHoursKeptSeconds = std::int64_t{400} * 86400;  // sums by the hour

// Takes out what differs between occurrences of the same error: numbers, words with digits, quoted texts and
// e-mail addresses. Blanks become one, control characters none. The result is UTF-8 if the message is, and
// has at most kErrorPatternBytes. Takes time in proportion to the message's first kErrorMessageRead bytes.
std::string errorPattern(std::string_view message);
// Returns 16 hexadecimal digits for a code and a pattern.
std::string errorFingerprint(std::string_view errorCode, std::string_view pattern);

enum class ErrorGroupState { New, Known, Muted, Resolved };
std::string_view toString(ErrorGroupState state);  // new, known, muted, resolved
std::optional<ErrorGroupState> parseErrorGroupState(std::string_view word);

struct ErrorGroup {
  int id = 0;
  std::string taskHandlerClass;
  std::string errorCode;
  std::string pattern;  // empty: the further errors of the handler
  ErrorGroupState state = ErrorGroupState::New;
  std::optional<UnixSeconds> firstSeenOn;
  std::optional<UnixSeconds> lastSeenOn;
  std::optional<UnixSeconds> newOn;  // when it was first seen, or came again after it was resolved
  int lastRunId = 0;
  std::int64_t failed = 0;         // runs within the span that was read
  std::int64_t failedForGood = 0;  // of these, the last runs of their tasks
};

// Failed runs of a group in an interval.
struct ErrorPart {
  int groupId = 0;
  UnixSeconds from = 0;
  std::int64_t failed = 0;
};

// Tasks of a group as they are now, by their states.
struct ErrorGroupTasks {
  std::int64_t failed = 0;
  std::int64_t lost = 0;
  std::int64_t retrying = 0;
};

struct ErrorGroupFilter {
  UnixSeconds from = 0;  // groups that failed since then
  std::optional<std::string> taskHandlerClass = {};
  std::optional<ErrorGroupState> state = {};
  int limit = 100;
};

}  // namespace taskqueue
