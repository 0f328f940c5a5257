// Holds one row of an answer. Columns are read in their order, each as the type of its variable.
//
// NULL becomes 0, "", false or an empty optional. A word that its enum does not know, as written by hand,
// leaves the variable as it was.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "module/store/database/words.h"

namespace taskqueue::store {

class Row {
 public:
  explicit Row(std::vector<std::optional<std::string>> cells) : cells_(std::move(cells)) {}

  // Reads all columns that are left. Throws StoreError(Broken) when there are more or fewer than variables.
  template <typename... Ts>
  void into(Ts&... to) {
    expectLeft(sizeof...(Ts));
    next(to...);
  }
  // The same, for `auto [id, status] = row.as<int, RunStatus>()`. One type gives a value, several a tuple.
  template <typename... Ts>
  auto as() {
    std::tuple<Ts...> values{};
    std::apply([this](auto&... to) { into(to...); }, values);
    if constexpr (sizeof...(Ts) == 1) {
      return std::get<0>(std::move(values));
    } else {
      return values;
    }
  }
  // Reads the next columns; into() or as() reads the rest.
  template <typename... Ts>
  void next(Ts&... to) {
    (read(to), ...);
  }

  // For an answer whose columns the server decides.
  void skip(int columns) { next_ += static_cast<std::size_t>(columns); }

  // Each reads the next column.
  std::optional<std::string> optionalText();
  std::string text() { return optionalText().value_or(""); }
  std::optional<std::int64_t> optionalInteger();
  std::int64_t integer() { return optionalInteger().value_or(0); }
  int number() { return static_cast<int>(integer()); }
  std::optional<int> optionalNumber() {
    const auto value = optionalInteger();
    return value ? std::optional(static_cast<int>(*value)) : std::nullopt;
  }

 private:
  void expectLeft(std::size_t columns) const;

  void read(std::string& to) { to = text(); }
  void read(std::optional<std::string>& to) { to = optionalText(); }
  void read(bool& to) { to = integer() != 0; }
  template <std::integral T>
  void read(T& to) {
    to = static_cast<T>(integer());
  }
  template <std::integral T>
  void read(std::optional<T>& to) {
    const auto value = optionalInteger();
    to = value ? std::optional(static_cast<T>(*value)) : std::nullopt;
  }
  template <typename E>
  requires std::is_enum_v<E>
  void read(E& to) {
    if (const auto known = parseWord(text(), std::type_identity<E>())) to = *known;
  }

  template <typename E>
  requires std::is_enum_v<E>
  void read(std::optional<E>& to) {
    const auto word = optionalText();
    to = word ? parseWord(*word, std::type_identity<E>()) : std::nullopt;
  }

  std::vector<std::optional<std::string>> cells_;
  std::size_t next_ = 0;
};

}  // namespace taskqueue::store
