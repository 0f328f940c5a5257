#include "module/queue/mail_address.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

constexpr std::size_t kLocalBytes = 64;  // RFC 5321 4.5.3.1
constexpr std::size_t kAddressBytes = 254;
constexpr std::size_t kLabelBytes = 63;
constexpr std::size_t kNameBytes = 500;

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Returns whether every part between dots is non-empty and passes the check.
template <typename Check>
bool isDotted(std::string_view text, Check check) {
  for (;;) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    if (part.empty() || !check(part)) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool isAtom(std::string_view part) {
  constexpr std::string_view kMarks = "!#$%&'*+-/=?^_`{|}~";
  return std::all_of(part.begin(), part.end(),
                     [&](char c) { return isLetterOrDigit(c) || kMarks.find(c) != std::string_view::npos; });
}

bool isLabel(std::string_view part) {
  return part.size() <= kLabelBytes && part.front() != '-' && part.back() != '-' &&
         std::all_of(part.begin(), part.end(), [](char c) { return isLetterOrDigit(c) || c == '-'; });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

bool isControl(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

// Encoded words are refused, since they can hide any characters.
bool isName(std::string_view name) {
  if (name.size() > kNameBytes || firstInvalidUtf8(name) ||
      std::any_of(name.begin(), name.end(), isControl) || name.find("=?") != std::string_view::npos)
    return false;
  const bool isQuoted = name.size() >= 2 && name.front() == '"' && name.back() == '"';
  if (isQuoted) return name.substr(1, name.size() - 2).find_first_of("\"\\") == std::string_view::npos;
  return name.find_first_of("()<>[]:;@\\,.\"") == std::string_view::npos;
}

}  // namespace

bool isMailAddress(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at > kLocalBytes || text.size() > kAddressBytes) return false;
  return isDotted(text.substr(0, at), isAtom) && isDotted(text.substr(at + 1), isLabel);
}

bool isMailSender(std::string_view text) {
  text = trimmed(text);
  if (isMailAddress(text)) return true;
  const auto open = text.rfind('<');
  if (open == std::string_view::npos || text.back() != '>') return false;
  return isMailAddress(text.substr(open + 1, text.size() - open - 2)) &&
         isName(trimmed(text.substr(0, open)));
}

}  // namespace taskqueue
