// Addresses and forms: one decoder for the parameters of both, by Boost.URL.
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

// What cannot be decoded: the parameter's name as far as it can be shown, and why.
struct BadParameter {
  std::string name;
  std::string problem;  // "must be valid UTF-8"
};

// The parameters of a query or of an application/x-www-form-urlencoded body, in their order: decoded once,
// and valid UTF-8.
std::variant<Parameters, BadParameter> decodeParameters(std::string_view encoded);

inline constexpr std::size_t kMaxParameters = 100;  // of a query
inline constexpr std::size_t kMaxFields =
    2000;  // of a form: a page of the grid has at most 500 tasks to select

// How many parameters there are at the most, without decoding any.
std::size_t countParameters(std::string_view encoded);

// A query: no parameter is given twice, and none has control characters.
std::variant<std::map<std::string, std::string>, BadParameter> readQuery(std::string_view encoded);

struct Target {
  std::vector<std::string> path;
  std::map<std::string, std::string> query;
  // Why the address is refused, as sentences for the sender; empty: it can be used. Otherwise the query is
  // empty, and of the path there is no more than the first part.
  std::string problem;
};

// The part of a request's target below the base path; nothing when it is not below it.
std::optional<Target> readTarget(std::string_view requestUri, std::string_view basePath);

// The query of an address, percent-encoded, without parameters that have no value.
std::string writeQuery(const Parameters& parameters);

// A value as it stands in a path or a query.
std::string percentEncoded(const std::string& value);

// All values of a form, several of one name in their order.
using FormValues = std::map<std::string, std::vector<std::string>>;
std::variant<FormValues, BadParameter> readForm(std::string_view body);

// The form's token, looked for in the beginning of a body that is not decoded; empty when it is missing.
std::string formTokenOf(std::string_view body);

// The first value of a name; empty when it is missing.
std::string formValue(const FormValues& values, const std::string& name);

}  // namespace taskqueue::web
