// A Value can replace a '?' of a statement.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace taskqueue::store {

using Value = std::variant<std::nullptr_t, std::int64_t, std::string>;

// Makes a parameter of an optional member.
template <typename T>
Value valueOf(const std::optional<T>& from) {
  if (!from) return nullptr;
  if constexpr (std::is_convertible_v<T, std::string>) {
    return *from;
  } else {
    return static_cast<std::int64_t>(*from);
  }
}

}  // namespace taskqueue::store
