#include "runner/handlers/import/utf8.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue::handlers {

int widestCharacterOf(std::string_view text) {
  unsigned char largest = 0;
  for (const char c : text) largest = std::max(largest, static_cast<unsigned char>(c));
  if (text.empty()) return 0;
  return largest < 0x80 ? 1 : largest < 0xE0 ? 2 : largest < 0xF0 ? 3 : 4;
}

std::string makeExcerpt(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return std::string(text);
  return std::string(cutAtCharacter(text, bytes)) + "…";
}

}  // namespace taskqueue::handlers
