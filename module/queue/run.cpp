#include "module/queue/run.h"

namespace taskqueue {

std::string droppedLine(std::int64_t droppedBytes) {
  return "\n[… " + std::to_string(droppedBytes) + " bytes dropped …]\n";
}

}  // namespace taskqueue
