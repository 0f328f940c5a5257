#include "runner/mail/mailbox.h"

#include <algorithm>

#include "module/queue/utf8_text.h"

namespace taskqueue::mail {
namespace {

constexpr std::size_t kLocalBytes = 64;  // RFC 5321 4.5.3.1
constexpr std::size_t kAddressBytes = 254;
constexpr std::size_t kLabelBytes = 63;

bool isLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool isControl(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

// Parts between dots, none of them empty, each passing the check.
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
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string unquoted(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string name;
  text = text.substr(1, text.size() - 2);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    name += text[i];
  }
  return name;
}

}  // namespace

bool isAddress(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at > kLocalBytes || text.size() > kAddressBytes) return false;
  return isDotted(text.substr(0, at), isAtom) && isDotted(text.substr(at + 1), isLabel);
}

std::optional<Mailbox> Mailbox::parse(std::string_view text) {
  text = trimmed(text);
  if (isAddress(text)) return Mailbox("", std::string(text));
  const auto open = text.rfind('<');
  if (open == std::string_view::npos || text.back() != '>') return std::nullopt;
  const auto address = trimmed(text.substr(open + 1, text.size() - open - 2));
  const auto name = trimmed(text.substr(0, open));
  const bool fits =
      isAddress(address) && !firstInvalidUtf8(name) && std::none_of(name.begin(), name.end(), isControl);
  if (!fits) return std::nullopt;
  return Mailbox(unquoted(name), std::string(address));
}

std::string_view Mailbox::domain() const {
  return std::string_view(address_).substr(address_.rfind('@') + 1);
}

std::vector<std::string> splitMailboxes(std::string_view list) {
  std::vector<std::string> parts;
  std::size_t first = 0;
  bool isQuoted = false;
  bool isInAngle = false;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    const bool atEnd = i == list.size();
    const char c = atEnd ? ',' : list[i];
    if (c == '\\' && isQuoted && i + 1 < list.size()) {
      ++i;
    } else if (!atEnd && c == '"') {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (c == '<' || c == '>')) {
      isInAngle = c == '<';
    } else if (atEnd || (!isQuoted && !isInAngle && (c == ',' || c == ';'))) {
      const auto part = trimmed(list.substr(first, std::min(i, list.size()) - first));
      if (!part.empty()) parts.emplace_back(part);
      first = i + 1;
    }
  }
  return parts;
}

}  // namespace taskqueue::mail
