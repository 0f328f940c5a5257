// Splitting a batch over several statements of one transaction. The server refuses a statement above its
// max_allowed_packet by dropping the connection, so a batch of large texts would never get through.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace taskqueue::store {

// Consecutive parts of `items`, each of at most `max` by `sizeOf(item)`, or of one larger item. `max` is
// Connection::batchBytes(). No part is empty.
template <typename Item, typename SizeOf>
std::vector<std::span<const Item>> batchesOf(std::span<const Item> items, std::size_t max, SizeOf sizeOf) {
  std::vector<std::span<const Item>> batches;
  std::size_t first = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t more = sizeOf(items[i]);
    if (i > first && bytes + more > max) {
      batches.push_back(items.subspan(first, i - first));
      first = i;
      bytes = 0;
    }
    bytes += more;
  }
  if (first < items.size()) batches.push_back(items.subspan(first));
  return batches;
}

}  // namespace taskqueue::store
