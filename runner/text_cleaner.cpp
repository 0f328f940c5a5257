#include "runner/text_cleaner.h"

#include <algorithm>

namespace taskqueue::runner {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool isPlain(unsigned char byte) {
  return (byte >= 0x20 && byte < 0x7F) || byte == '\n' || byte == '\t' || byte == '\r' || byte == 0x1B;
}

// Returns how many bytes follow a lead byte; -1 when no character begins with it.
int followersOf(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 1;
  if (lead >= 0xE0 && lead <= 0xEF) return 2;
  if (lead >= 0xF0 && lead <= 0xF4) return 3;
  return -1;
}

// Some lead bytes allow fewer second bytes. This excludes overlong forms, surrogates and values beyond
// U+10FFFF.
bool fitsSecond(unsigned char lead, unsigned char second) {
  switch (lead) {
    case 0xE0:
      return second >= 0xA0 && second <= 0xBF;
    case 0xED:
      return second >= 0x80 && second <= 0x9F;
    case 0xF0:
      return second >= 0x90 && second <= 0xBF;
    case 0xF4:
      return second >= 0x80 && second <= 0x8F;
    default:
      return second >= 0x80 && second <= 0xBF;
  }
}

}  // namespace

std::string TextCleaner::clean(std::string_view raw) {
  std::string to;
  to.reserve(raw.size() + pending_.size());
  while (!raw.empty()) {
    // Long stretches of plain bytes are copied at once.
    if (missing_ == 0) {
      const auto end = std::find_if_not(raw.begin(), raw.end(),
                                        [](char c) { return isPlain(static_cast<unsigned char>(c)); });
      to.append(raw.begin(), end);
      raw.remove_prefix(static_cast<std::size_t>(end - raw.begin()));
      if (raw.empty()) break;
    }
    take(static_cast<unsigned char>(raw.front()), to);
    raw.remove_prefix(1);
  }
  return to;
}

void TextCleaner::take(unsigned char byte, std::string& to) {
  if (missing_ > 0) {
    const bool second = pending_.size() == 1;
    const bool fits =
        second ? fitsSecond(static_cast<unsigned char>(pending_[0]), byte) : (byte & 0xC0) == 0x80;
    if (fits) {
      pending_ += static_cast<char>(byte);
      if (--missing_ == 0) {
        to += pending_;
        pending_.clear();
      }
      return;
    }
    to += kReplacement;  // the character is incomplete; this byte begins something else
    pending_.clear();
    missing_ = 0;
  }
  if (byte == 0) return;
  if (isPlain(byte)) {
    to += static_cast<char>(byte);
    return;
  }
  const int followers = byte < 0x80 ? -1 : followersOf(byte);
  if (followers < 0) {
    to += kReplacement;
    return;
  }
  pending_ = static_cast<char>(byte);
  missing_ = followers;
}

std::string TextCleaner::finish() {
  if (missing_ == 0) return {};
  missing_ = 0;
  pending_.clear();
  return std::string(kReplacement);
}

std::string withVisibleNul(std::string_view text) {
  std::string to;
  for (auto nul = text.find('\0'); nul != std::string_view::npos; nul = text.find('\0')) {
    to.append(text.substr(0, nul)).append(kReplacement);
    text.remove_prefix(nul + 1);
  }
  return to.append(text);
}

}  // namespace taskqueue::runner
