// Decodes addresses and forms. Both use the same decoder, Boost.URL.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace taskqueue::web {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// Describes a parameter that cannot be decoded: its name, if it can be shown, and the reason.
struct BadParameter {
  std::string name;
  std::string problem;  // "must be valid UTF-8"
};

// Decodes the parameters of a query or of an application/x-www-form-urlencoded body, in their order. Each is
// decoded once and is valid UTF-8.
std::variant<Parameters, BadParameter> decodeParameters(std::string_view encoded);

inline constexpr std::size_t kMaxParameters = 100;  // most parameters of a query
// Limits the fields of a form. One page of the task list has at most 500 selectable tasks.
inline constexpr std::size_t kMaxFields = 2000;

// Returns an upper bound for the number of parameters, without decoding them.
std::size_t countParameters(std::string_view encoded);

// Reads a query. Repeated parameters and control characters are refused.
std::variant<std::map<std::string, std::string>, BadParameter> readQuery(std::string_view encoded);

struct Target {
  std::vector<std::string> path;
  std::map<std::string, std::string> query;
  // Says in sentences for the client why the address is refused. If empty, the address is valid. Otherwise
  // the query is empty and the path has at most its first part.
  std::string problem;
};

// Reads the part of a request target below the base path. Returns nothing if the target is not below it.
std::optional<Target> readTarget(std::string_view requestUri, std::string_view basePath);

// Returns a percent-encoded query, without parameters that have no value.
std::string writeQuery(const Parameters& parameters);

// Encodes a value for a path or a query.
std::string percentEncoded(const std::string& value);

// Holds the values of a form by name. Repeated fields keep their order.
using FormValues = std::map<std::string, std::vector<std::string>>;
std::variant<FormValues, BadParameter> readForm(std::string_view body);

// Returns the form's token from the beginning of an undecoded body, or an empty text.
std::string formTokenOf(std::string_view body);

// Returns the first value of this name, or an empty text.
std::string formValue(const FormValues& values, const std::string& name);

}  // namespace taskqueue::web
