// A queue or a handler whose tasks nobody claims until it is resumed. They stay as they are meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "module/queue/task.h"

namespace taskqueue {

enum class PauseKind { Queue, Handler };

std::string_view wordOf(PauseKind kind);  // queue, handler
std::optional<PauseKind> pauseKindOf(std::string_view word);

struct Pause {
  PauseKind kind = PauseKind::Queue;
  std::string name;  // of the queue, or the TaskHandlerClass
  std::optional<UnixSeconds> pausedOn;
  int pausedById = 0;
  std::string pausedBy;  // as the record of changes names who did it; empty: it does not
};

}  // namespace taskqueue
