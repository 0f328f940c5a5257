#include "module/queue/limits.h"

#include <algorithm>

namespace taskqueue {

bool isQueueName(std::string_view name) {
  return !name.empty() && name.size() <= kQueueNameLength &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

}  // namespace taskqueue
