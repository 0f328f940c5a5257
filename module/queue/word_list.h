#pragma once

#include <string>
#include <vector>

namespace taskqueue {

// "de, en, ru"
inline std::string wordList(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

}  // namespace taskqueue
