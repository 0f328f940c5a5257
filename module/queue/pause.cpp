#include "module/queue/pause.h"

namespace taskqueue {

std::string_view toString(PauseKind kind) {
  switch (kind) {
    case PauseKind::All:
      return "all";
    case PauseKind::Queue:
      return "queue";
    case PauseKind::Handler:
      return "handler";
  }
  return "";
}

std::optional<PauseKind> parsePauseKind(std::string_view word) {
  for (const PauseKind kind : {PauseKind::All, PauseKind::Queue, PauseKind::Handler}) {
    if (word == toString(kind)) return kind;
  }
  return std::nullopt;
}

}  // namespace taskqueue
