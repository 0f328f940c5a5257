#include "module/queue/task.h"

namespace taskqueue {

std::string_view toString(UniqueMode mode) {
  switch (mode) {
    case UniqueMode::Keep:
      return "keep";
    case UniqueMode::Replace:
      return "replace";
    case UniqueMode::Window:
      return "window";
  }
  return "";
}

std::optional<UniqueMode> parseUniqueMode(std::string_view word) {
  for (const UniqueMode mode : {UniqueMode::Keep, UniqueMode::Replace, UniqueMode::Window}) {
    if (word == toString(mode)) return mode;
  }
  return std::nullopt;
}

}  // namespace taskqueue
