#include "module/store/database/row.h"

#include <charconv>

#include "module/queue/store_error.h"

namespace taskqueue::store {
namespace {

[[noreturn]] void throwWrongColumns(std::size_t has, std::size_t wanted) {
  throw StoreError(StoreError::Kind::Broken, "a row has " + std::to_string(has) + " more columns, but " +
                                                 std::to_string(wanted) + " are to be read");
}

}  // namespace

void Row::expectLeft(std::size_t columns) const {
  const std::size_t left = cells_.size() - next_;
  if (left != columns) throwWrongColumns(left, columns);
}

std::optional<std::string> Row::optionalText() {
  if (next_ >= cells_.size()) throwWrongColumns(0, 1);
  return std::move(cells_[next_++]);
}

std::optional<std::int64_t> Row::optionalInteger() {
  const auto cell = optionalText();
  if (!cell) return std::nullopt;
  std::int64_t value = 0;
  std::from_chars(cell->data(), cell->data() + cell->size(), value);
  return value;
}

}  // namespace taskqueue::store
