#include "runner/mail/encoding.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "module/queue/utf8_text.h"

namespace taskqueue::mail {
namespace {

constexpr std::size_t kFoldAt = 76;
constexpr std::size_t kUnencodedBytes = 60;  // a longer value that could be folded nowhere is encoded, too

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // OpenSSL ends it with a NUL
  const int size =
      ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                        reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

bool isControl(char c) {
  return (c >= 0 && c < ' ') || c == '\x7f';
}

std::size_t longestWord(std::string_view text) {
  std::size_t longest = 0;
  for (std::size_t first = 0; first <= text.size();) {
    const auto blank = std::min(text.find(' ', first), text.size());
    longest = std::max(longest, blank - first);
    first = blank + 1;
  }
  return longest;
}

// Lines end before a blank that stands between two words, where it can be.
std::string folded(std::string_view name, std::string_view value) {
  std::string out(name);
  out += ":";
  std::size_t line = out.size();
  for (std::size_t first = 0; first < value.size();) {
    const auto begin = value.find_first_not_of(' ', first);
    if (begin == std::string_view::npos) break;
    const auto end = std::min(value.find(' ', begin), value.size());
    const auto word = value.substr(begin, end - begin);
    const bool isFirst = out.size() == name.size() + 1;
    if (!isFirst && line + 1 + word.size() > kFoldAt) {
      out += "\r\n";
      line = 0;
    }
    out.append(isFirst ? 1 : std::max<std::size_t>(begin - first, 1), ' ').append(word);
    line += begin - first + word.size();
    first = end;
  }
  return out + "\r\n";
}

}  // namespace

std::string validUtf8(std::string text) {
  for (std::size_t from = 0;;) {
    const auto wrong = firstInvalidUtf8(std::string_view(text).substr(from));
    if (!wrong) return text;
    from += *wrong;
    text[from] = '?';
  }
}

std::string withoutControls(std::string text) {
  text = validUtf8(std::move(text));
  std::replace_if(text.begin(), text.end(), isControl, ' ');
  return text;
}

std::string base64Lines(std::string_view bytes) {
  constexpr std::size_t kBytesInALine = 57;
  std::string lines;
  lines.reserve(bytes.size() * 78 / kBytesInALine + 80);
  for (std::size_t first = 0; first < bytes.size(); first += kBytesInALine) {
    lines.append(base64(bytes.substr(first, kBytesInALine))).append("\r\n");
  }
  return lines;
}

std::string withCrlf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r' && text[i] != '\n') {
      out += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    out += "\r\n";
  }
  return out;
}

bool isPlainLines(std::string_view text) {
  std::size_t line = 0;
  for (const char c : text) {
    line = c == '\n' || c == '\r' ? 0 : line + 1;
    if (c <= 0 || line > kLineBytes) return false;
  }
  return true;
}

bool isPrintableAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

std::string encodedWords(std::string_view text) {
  constexpr std::size_t kBytesInAWord = 42;
  std::string words;
  while (!text.empty()) {
    const auto part = cutAtCharacter(text, kBytesInAWord);
    words += words.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?";
    words.append(base64(part)).append("?=");
    text.remove_prefix(part.size());
  }
  return words;
}

std::string header(std::string_view name, std::string_view value) {
  const std::string text = withoutControls(std::string(value));
  const bool isPlain =
      isPrintableAscii(text) && text.find("=?") == std::string::npos && longestWord(text) <= kUnencodedBytes;
  if (isPlain) return folded(name, text);
  return std::string(name) + ": " + encodedWords(text) + "\r\n";
}

std::string plainHeader(std::string_view name, std::string_view value) {
  std::string text = withoutControls(std::string(value));
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c < ' ' || c == '\x7f'; }, '?');
  return folded(name, text);
}

}  // namespace taskqueue::mail
