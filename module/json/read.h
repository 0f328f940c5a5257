// Reads external JSON. Size, depth and count are checked before a document is built, since RapidJSON's
// destructors recurse. Duplicate keys and invalid UTF-8 are refused.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace taskqueue::json {

using Document = rapidjson::Document;
using Value = rapidjson::Value;

struct Limits {
  std::int64_t bytes = 1 << 20;
  int depth = 32;
  int members = 10000;
  bool exactNumbers = false;  // refuse numbers that a 64-bit integer or a double would change
};

struct Problem {
  enum class Kind { Malformed, TooLarge };
  Kind kind = Kind::Malformed;
  std::string text;  // says to the sender what is wrong and where
};

std::variant<Document, Problem> read(std::string_view text, const Limits& limits);

// Returns a member of an object, or nothing if it is missing or has another type.
std::optional<std::string_view> textMember(const Value& object, const char* name);
// Returns an empty text where textMember() returns nothing.
std::string textOrEmpty(const Value& object, const char* name);
std::optional<std::int64_t> integerMember(const Value& object, const char* name);

inline std::string_view textOf(const Value& string) {
  return {string.GetString(), string.GetStringLength()};
}

// Returns the compact JSON text of a value.
std::string write(const Value& value);

}  // namespace taskqueue::json
