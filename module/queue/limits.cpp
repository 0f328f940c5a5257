#include "module/queue/limits.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

// Browsers remove such path segments from a URL before they send the request.
bool isDots(std::string_view name) {
  return name == "." || name == "..";
}

}  // namespace

bool isQueueName(std::string_view name) {
  return !name.empty() && name.size() <= kQueueNameLength && !isDots(name) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                  c == '_' || c == '.';
         });
}

bool isHandlerClass(std::string_view name) {
  return !name.empty() && !isDots(name) && !firstInvalidUtf8(name) && !hasControlBytes(name) &&
         countCharacters(name) <= kHandlerClassLength;
}

}  // namespace taskqueue
