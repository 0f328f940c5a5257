// Splits a batch over several statements of one transaction. The server drops the connection at a statement
// above max_allowed_packet, so an undivided batch of large texts would never get through.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace taskqueue::store {

// Returns consecutive parts of `items`. Each part has at most `max` bytes by `sizeOf(item)`, or holds one
// larger item. `max` is Connection::batchBytes(). No part is empty.
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
