#include "runner/mail/mime/transfer_encoding.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace taskqueue::mail {
namespace {

bool isHexDigit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isBase64(std::string_view text) {
  constexpr std::size_t kGroup = 4;
  std::size_t count = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == ' ' || c == '\t') continue;
    const bool fits = (c >= 0 && std::isalnum(c) != 0) || c == '+' || c == '/' || c == '=';
    if (!fits) return false;
    ++count;
  }
  return count % kGroup == 0;
}

bool isQuotedPrintable(std::string_view text) {
  for (auto at = text.find('='); at != std::string_view::npos; at = text.find('=', at + 1)) {
    const auto next = text.find_first_not_of(" \t", at + 1);
    const bool endsLine = next == std::string_view::npos || text[next] == '\r' || text[next] == '\n';
    const bool isByte = at + 2 < text.size() && isHexDigit(text[at + 1]) && isHexDigit(text[at + 2]);
    if (!endsLine && !isByte) return false;
  }
  return true;
}

}  // namespace

bool isKnownEncoding(std::string_view encoding) {
  constexpr std::array<std::string_view, 5> kKnown{"7bit", "8bit", "binary", "base64", "quoted-printable"};
  return std::find(kKnown.begin(), kKnown.end(), encoding) != kKnown.end();
}

bool isOpaque(std::string_view encoding) {
  return encoding == "base64" || encoding == "quoted-printable";
}

bool isEncodedAs(std::string_view encoding, std::string_view text) {
  if (encoding == "base64") return isBase64(text);
  if (encoding == "quoted-printable") return isQuotedPrintable(text);
  return true;
}

}  // namespace taskqueue::mail
