#include "module/web/form.h"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url.hpp>
#include <boost/url/url_view.hpp>

namespace taskqueue::web {
namespace {

constexpr std::size_t kMostTargetBytes = 2048;

boost::core::string_view viewOf(std::string_view text) {
  return {text.data(), text.size()};
}

bool hasControlBytes(const std::string& text) {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string withBlanks(std::string text) {
  std::replace(text.begin(), text.end(), '+', ' ');
  return text;
}

}  // namespace

std::optional<Target> readTarget(std::string_view requestUri, std::string_view basePath) {
  if (requestUri.size() > kMostTargetBytes || !requestUri.starts_with('/')) return std::nullopt;
  const auto url = boost::urls::parse_origin_form(viewOf(requestUri));
  if (!url) return std::nullopt;
  const auto encodedPath = url->encoded_path();
  if (!std::string_view(encodedPath.data(), encodedPath.size()).starts_with(basePath)) return std::nullopt;
  const auto baseSegments = static_cast<std::size_t>(std::count(basePath.begin(), basePath.end(), '/')) - 1;
  Target target;
  std::size_t index = 0;
  for (const auto& segment : url->segments()) {
    if (index++ < baseSegments) continue;
    target.path.emplace_back(segment);
  }
  if (!target.path.empty() && target.path.back().empty()) target.path.pop_back();
  for (const std::string& part : target.path) {
    const bool odd = part.empty() || part == "." || part == ".." || hasControlBytes(part) ||
                     part.find('/') != std::string::npos;
    if (odd) return std::nullopt;
  }
  for (const auto& parameter : url->params()) {
    const std::string value = withBlanks(parameter.value);
    if (hasControlBytes(value) || !target.query.emplace(withBlanks(parameter.key), value).second)
      return std::nullopt;
  }
  return target;
}

std::string writeQuery(const std::vector<std::pair<std::string, std::string>>& parameters) {
  boost::urls::url url;
  for (const auto& [name, value] : parameters) {
    if (!value.empty()) url.params().append({name, value});
  }
  const auto query = url.encoded_query();
  std::string text(query.data(), query.size());
  for (auto plus = text.find('+'); plus != std::string::npos; plus = text.find('+', plus))
    text.replace(plus, 1, "%2B");
  return text;
}

std::string percentEncoded(const std::string& value) {
  return value.empty() ? "" : writeQuery({{"v", value}}).substr(2);
}

std::optional<FormValues> readForm(std::string_view body) {
  std::string target = "/?";  // the parsed URL is a view of it
  for (const char c : body) c == '+' ? target += "%20" : target += c;
  const auto url = boost::urls::parse_origin_form(target);
  if (!url) return std::nullopt;
  FormValues values;
  for (const auto& parameter : url->params()) values[parameter.key].push_back(parameter.value);
  return values;
}

std::string formValue(std::string_view body, std::string_view name) {
  const auto values = readForm(body);
  if (!values) return {};
  const auto found = values->find(std::string(name));
  return found == values->end() ? "" : found->second.front();
}

}  // namespace taskqueue::web
