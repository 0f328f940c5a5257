#include "module/store/sql/statement_text.h"

#include "module/queue/store_error.h"

namespace taskqueue::store {
namespace {

// Returns the length of the quoted text at the beginning, with its quotes. A doubled quote ends one text and
// begins the next.
std::size_t lengthOfQuoted(std::string_view text) {
  const char quote = text.front();
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '\\' && quote != '`') {
      ++i;
    } else if (text[i] == quote) {
      return i + 1;
    }
  }
  return text.size();
}

std::string literalOf(std::string_view text, const Escape& escape) {
  return "'" + escape(text) + "'";
}

std::string literalOf(std::int64_t number, const Escape&) {
  return number < 0 ? "(" + std::to_string(number) + ")" : std::to_string(number);
}

// An empty list matches nothing.
template <typename Items>
std::string listOf(const Items& items, const Escape& escape) {
  std::string list;
  for (const auto& item : items) list.append(list.empty() ? "" : ",").append(literalOf(item, escape));
  return list.empty() ? "NULL" : list;
}

std::string literalOf(const Value& value, const Escape& escape) {
  if (value.isNull()) return "NULL";
  if (value.numbers() != nullptr) return listOf(*value.numbers(), escape);
  if (value.texts() != nullptr) return listOf(*value.texts(), escape);
  if (const auto text = value.text()) return literalOf(*text, escape);
  return literalOf(*value.number(), escape);
}

[[noreturn]] void throwWrongNumber(std::string_view text) {
  constexpr std::size_t kShown = 400;
  throw StoreError(StoreError::Kind::Broken,
                   "wrong number of parameters for: " + std::string(text.substr(0, kShown)));
}

}  // namespace

std::string withValues(std::string_view text, const std::vector<Value>& values, const Escape& escape) {
  const std::string_view whole = text;
  std::string made;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find_first_of("?'\"`"), text.size());
    made.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (text.front() != '?') {
      const std::size_t quoted = lengthOfQuoted(text);
      made.append(text.substr(0, quoted));
      text.remove_prefix(quoted);
      continue;
    }
    if (used == values.size()) throwWrongNumber(whole);
    made.append(literalOf(values[used++], escape));
    text.remove_prefix(1);
  }
  if (used != values.size()) throwWrongNumber(whole);
  return made;
}

}  // namespace taskqueue::store
