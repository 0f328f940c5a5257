#include "module/web/form.h"

#include <algorithm>
#include <boost/url/encode.hpp>
#include <boost/url/grammar/hexdig_chars.hpp>
#include <boost/url/pct_string_view.hpp>
#include <boost/url/rfc/pchars.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url.hpp>

#include "module/queue/utf8_text.h"

namespace taskqueue::web {
namespace {

constexpr std::size_t kMaxTargetBytes = 2048;
constexpr const char* kNoUtf8 = "must be valid UTF-8 when it is decoded";

// Returns a client's parameter name, shortened for an answer. It is empty if the name cannot be shown.
std::string shownName(std::string_view name) {
  const bool canBeShown = !firstInvalidUtf8(name) && !hasControlBytes(name);
  return canBeShown ? std::string(cutAtCharacter(name, kQuotedBytes)) : "";
}

std::string escapeOf(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  return {'%', kDigits[byte >> 4], kDigits[byte & 0xF]};
}

// Returns what RFC 3986 forbids in this text, or an empty text.
std::string findEncodingProblem(std::string_view text, std::string_view allowedBesides) {
  namespace grammar = boost::urls::grammar;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '%') {
      const bool isEscape =
          at + 2 < text.size() && grammar::hexdig_chars(text[at + 1]) && grammar::hexdig_chars(text[at + 2]);
      if (!isEscape) return "has a '%' without two hexadecimal digits behind it: write '%' itself as %25";
    } else if (!boost::urls::pchars(c) && allowedBesides.find(c) == std::string_view::npos) {
      const bool canBeShown = c > 0x20 && c < 0x7F;
      return (canBeShown ? std::string("has a '") + c + "' as it is"
                         : "has a byte that must not stand there") +
             ": write it as " + escapeOf(c);
    }
  }
  return "";
}

// Requires that findEncodingProblem() found nothing in `text`.
std::string decoded(std::string_view text, bool plusIsBlank) {
  return boost::urls::make_pct_string_view({text.data(), text.size()})
      ->decode(boost::urls::encoding_opts(plusIsBlank));
}

// Removes and returns the text before the separator. The separator is removed as well.
std::string_view takeUpTo(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

// Appends one part of a path to the target. Returns the problem, or an empty text.
std::string takeSegment(std::string_view encoded, Target& to) {
  if (encoded.empty()) return "has two '/' side by side";
  if (auto problem = findEncodingProblem(encoded, ""); !problem.empty()) return problem;
  const std::string part = decoded(encoded, /*plusIsBlank=*/false);
  if (part == "." || part == "..") return "has a part '.' or '..'";
  if (firstInvalidUtf8(part)) return kNoUtf8;
  if (hasControlBytes(part)) return "must not have control characters";
  to.path.push_back(part);
  return "";
}

// Appends all parts of a path to the target. Returns the problem, or an empty text.
std::string takePath(std::string_view encoded, Target& to) {
  while (!encoded.empty()) {
    if (auto problem = takeSegment(takeUpTo(encoded, '/'), to); !problem.empty()) return problem;
  }
  return "";
}

Target refused(Target target, std::string problem) {
  target.path.resize(std::min<std::size_t>(target.path.size(), 1));
  target.query.clear();
  target.problem = std::move(problem);
  return target;
}

}  // namespace

std::variant<Parameters, BadParameter> decodeParameters(std::string_view encoded) {
  Parameters to;
  while (!encoded.empty()) {
    std::string_view value = takeUpTo(encoded, '&');
    if (value.empty()) continue;
    const bool hasValue = value.find('=') != std::string_view::npos;
    const std::string_view name = takeUpTo(value, '=');
    if (const auto problem = findEncodingProblem(name, "/?"); !problem.empty())
      return BadParameter{shownName(name), problem};
    const std::string shown = shownName(decoded(name, /*plusIsBlank=*/true));
    if (hasValue) {
      if (const auto problem = findEncodingProblem(value, "/?"); !problem.empty())
        return BadParameter{shown, problem};
    }
    to.emplace_back(decoded(name, /*plusIsBlank=*/true), decoded(value, /*plusIsBlank=*/true));
    if (firstInvalidUtf8(to.back().first) || firstInvalidUtf8(to.back().second))
      return BadParameter{shown, kNoUtf8};
  }
  return to;
}

std::size_t countParameters(std::string_view encoded) {
  return encoded.empty() ? 0 : static_cast<std::size_t>(std::count(encoded.begin(), encoded.end(), '&')) + 1;
}

std::variant<std::map<std::string, std::string>, BadParameter> readQuery(std::string_view encoded) {
  auto parameters = decodeParameters(encoded);
  if (auto* bad = std::get_if<BadParameter>(&parameters)) return std::move(*bad);
  std::map<std::string, std::string> to;
  for (auto& [name, value] : std::get<Parameters>(parameters)) {
    const std::string shown = shownName(name);
    if (hasControlBytes(name) || hasControlBytes(value))
      return BadParameter{shown, "must not have control characters"};
    if (!to.emplace(name, std::move(value)).second) return BadParameter{shown, "is given twice"};
  }
  return to;
}

std::optional<Target> readTarget(std::string_view requestUri, std::string_view basePath) {
  std::string_view query = requestUri;
  std::string_view path = takeUpTo(query, '?');
  if (!path.starts_with(basePath)) return std::nullopt;
  path.remove_prefix(basePath.size());
  Target target;
  if (requestUri.size() > kMaxTargetBytes) {
    std::string_view rest = path;
    takeSegment(takeUpTo(rest, '/'), target);
    return refused(std::move(target), "The address has " + std::to_string(requestUri.size()) +
                                          " bytes; it must not have more than " +
                                          std::to_string(kMaxTargetBytes) + ".");
  }
  if (countParameters(query) > kMaxParameters)
    return refused(std::move(target),
                   "The address has more than " + std::to_string(kMaxParameters) + " query parameters.");
  if (const auto problem = takePath(path, target); !problem.empty())
    return refused(std::move(target), "The path of the address " + problem + ".");
  auto parameters = readQuery(query);
  if (const auto* bad = std::get_if<BadParameter>(&parameters))
    return refused(std::move(target), "The query parameter " + bad->name + " " + bad->problem + ".");
  target.query = std::get<std::map<std::string, std::string>>(std::move(parameters));
  return target;
}

std::string writeQuery(const Parameters& parameters) {
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
  return boost::urls::encode({value.data(), value.size()}, boost::urls::unreserved_chars);
}

std::variant<FormValues, BadParameter> readForm(std::string_view body) {
  auto parameters = decodeParameters(body);
  if (auto* bad = std::get_if<BadParameter>(&parameters)) return std::move(*bad);
  FormValues values;
  for (auto& [name, value] : std::get<Parameters>(parameters)) values[name].push_back(std::move(value));
  return values;
}

std::string formTokenOf(std::string_view body) {
  constexpr std::string_view kName = "form_token=";
  while (!body.empty()) {
    const std::string_view field = takeUpTo(body, '&');
    if (field.starts_with(kName)) return std::string(field.substr(kName.size()));
  }
  return "";
}

std::string formValue(const FormValues& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? "" : found->second.front();
}

}  // namespace taskqueue::web
