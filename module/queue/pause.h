// A pause of all queues, one queue or one handler. No runner claims its tasks until it is resumed or its time
// is over; the tasks do not change meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "module/queue/task.h"

namespace taskqueue {

enum class PauseKind { All, Queue, Handler };

std::string_view toString(PauseKind kind);  // all, queue, handler
std::optional<PauseKind> parsePauseKind(std::string_view word);

inline constexpr std::int64_t kMaxPauseSeconds = 31622400;  // 366 days
inline constexpr int kMaxPauseReasonCharacters = 255;

struct PauseTerms {
  std::string reason;                      // for people; may be empty
  std::optional<UnixSeconds> pausedUntil;  // absent: until a person resumes it
};

struct Pause {
  PauseKind kind = PauseKind::Queue;
  std::string name;  // the queue's name, or the TaskHandlerClass; empty for all queues
  std::optional<UnixSeconds> pausedOn;
  int pausedById = 0;
  std::string pausedBy;  // the actor's name in the audit record; empty: unknown
  PauseTerms terms;
};

}  // namespace taskqueue
