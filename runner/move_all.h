// Moves all elements of one list to the end of another. The first list is empty afterwards.
#pragma once

#include <iterator>

namespace taskqueue::runner {

template <typename List>
void moveAll(List& from, List& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  from.clear();
}

}  // namespace taskqueue::runner
