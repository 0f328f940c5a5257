// A pause of a queue or a handler. No runner claims its tasks until it is resumed; the tasks do not change
// meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "module/queue/task.h"

namespace taskqueue {

enum class PauseKind { Queue, Handler };
inline constexpr std::array kAllPauseKinds{PauseKind::Queue, PauseKind::Handler};

std::string_view toString(PauseKind kind);  // queue, handler
std::optional<PauseKind> parsePauseKind(std::string_view word);

struct Pause {
  PauseKind kind = PauseKind::Queue;
  std::string name;  // the queue's name, or the TaskHandlerClass
  std::optional<UnixSeconds> pausedOn;
  int pausedById = 0;
  std::string pausedBy;  // the actor's name in the audit record; empty: unknown
};

}  // namespace taskqueue
