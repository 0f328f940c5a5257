// Splitting a batch over several statements of one transaction. The server refuses a statement above
// max_allowed_packet (16 MiB) by dropping the connection, so a batch of large texts would never get through.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace taskqueue::store {

// Consecutive parts of `items`, each of at most 2 MiB by `sizeOf(item)`, or of one larger item. JSON escapes
// can make a text six times as long; that still fits. No part is empty.
template <typename Item, typename SizeOf>
std::vector<std::span<const Item>> portionsOf(std::span<const Item> items, SizeOf sizeOf) {
  constexpr std::size_t kPortionBytes = 2 << 20;
  std::vector<std::span<const Item>> portions;
  std::size_t first = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t more = sizeOf(items[i]);
    if (i > first && bytes + more > kPortionBytes) {
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
