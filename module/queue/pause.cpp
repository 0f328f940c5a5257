#include "module/queue/pause.h"

namespace taskqueue {

std::string_view toString(PauseKind kind) {
  return kind == PauseKind::Queue ? "queue" : "handler";
}

std::optional<PauseKind> parsePauseKind(std::string_view word) {
  for (const PauseKind kind : {PauseKind::Queue, PauseKind::Handler}) {
    if (word == toString(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace taskqueue
