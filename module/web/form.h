// Addresses and forms: decoding, by Boost.URL.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace taskqueue::web {

struct Target {
  std::vector<std::string> path;
  std::map<std::string, std::string> query;
};

// The part of a request's target below the base path. Nothing when it is malformed, not below the base path,
// has empty, "." or ".." segments, control bytes, or a query parameter twice.
std::optional<Target> readTarget(std::string_view requestUri, std::string_view basePath);

// The query of an address, percent-encoded, without parameters that have no value.
std::string writeQuery(const std::vector<std::pair<std::string, std::string>>& parameters);

// A value as it stands in a path or a query.
std::string percentEncoded(const std::string& value);

// All values of an application/x-www-form-urlencoded body, several of one name in their order. Nothing when
// it is malformed.
using FormValues = std::map<std::string, std::vector<std::string>>;
std::optional<FormValues> readForm(std::string_view body);

// A value of an application/x-www-form-urlencoded body; empty when it is missing or malformed.
std::string formValue(std::string_view body, std::string_view name);

}  // namespace taskqueue::web
