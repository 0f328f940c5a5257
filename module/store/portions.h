// Splitting a batch over several statements of one transaction. The server refuses a statement above its
// max_allowed_packet by dropping the connection, so a batch of large texts would never get through.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace taskqueue::store {

// Consecutive parts of `items`, each of at most `most` by `sizeOf(item)`, or of one larger item. `most` is
// Connection::portionBytes(). No part is empty.
template <typename Item, typename SizeOf>
std::vector<std::span<const Item>> portionsOf(std::span<const Item> items, std::size_t most, SizeOf sizeOf) {
  std::vector<std::span<const Item>> portions;
  std::size_t first = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t more = sizeOf(items[i]);
    if (i > first && bytes + more > most) {
      portions.push_back(items.subspan(first, i - first));
      first = i;
      bytes = 0;
    }
    bytes += more;
  }
  if (first < items.size()) portions.push_back(items.subspan(first));
  return portions;
}

}  // namespace taskqueue::store
