#include "module/queue/pause.h"

namespace taskqueue {

std::string_view wordOf(PauseKind kind) {
  return kind == PauseKind::Queue ? "queue" : "handler";
}

std::optional<PauseKind> pauseKindOf(std::string_view word) {
  for (const PauseKind kind : {PauseKind::Queue, PauseKind::Handler}) {
    if (word == wordOf(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace taskqueue
