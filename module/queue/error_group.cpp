#include "module/queue/error_group.h"

#include <array>
#include <utility>

#include "module/queue/utf8_text.h"

namespace taskqueue {
namespace {

constexpr std::array<std::pair<ErrorGroupState, std::string_view>, 4> kErrorGroupWords{{
    {ErrorGroupState::New, "new"},
    {ErrorGroupState::Known, "known"},
    {ErrorGroupState::Muted, "muted"},
    {ErrorGroupState::Resolved, "resolved"},
}};

constexpr std::size_t kIdPartBytes = 4;       // a middle part of a UUID may have letters alone
constexpr std::size_t kMaxQuotedBytes = 300;  // a longer text between quotes stays

bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
// Bytes of UTF-8 beyond ASCII count as letters.
bool isWordPart(char c) {
  return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool isBlank(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
}

// Makes the pattern in one pass from left to right.
class Pattern {
 public:
  explicit Pattern(std::string_view message) : text_(message) {}

  std::string make() {
    while (at_ < text_.size() && to_.size() < kErrorPatternBytes) {
      const char c = text_[at_];
      if (isBlank(c)) {
        if (!to_.empty() && to_.back() != ' ') to_ += ' ';
        ++at_;
      } else if ((c == '"' || c == '\'' || c == '`') && takeQuoted(c)) {
        continue;
      } else if (isWordPart(c)) {
        takeWord();
      } else {
        to_ += c;
        ++at_;
      }
    }
    while (!to_.empty() && to_.back() == ' ') to_.pop_back();
    return std::string(cutAtCharacter(to_, kErrorPatternBytes));
  }

 private:
  // An apostrophe within a word opens no quotation, so that "can't" stays.
  bool takeQuoted(char quote) {
    if (at_ > 0 && isWordPart(text_[at_ - 1])) return false;
    const auto end = text_.substr(0, at_ + kMaxQuotedBytes).find(quote, at_ + 1);
    if (end == std::string_view::npos) return false;
    to_ += "\"…\"";
    at_ = end + 1;
    return true;
  }

  // Words with a digit are numbers, Ids, hashes or dates. Those beside each other become one sign.
  void takeWord() {
    const std::size_t begin = at_;
    bool hasDigit = false;
    bool isHex = true;
    for (; at_ < text_.size() && isWordPart(text_[at_]); ++at_) {
      hasDigit = hasDigit || isDigit(text_[at_]);
      isHex = isHex && (isDigit(text_[at_]) || (text_[at_] >= 'a' && text_[at_] <= 'f'));
    }
    if (at_ < text_.size() && text_[at_] == '@') return takeAddress(begin);
    const bool followsNumber = to_.size() >= 2 && to_[to_.size() - 2] == '#' && isJoint(to_.back());
    const bool isPartOfId = followsNumber && isHex && at_ - begin == kIdPartBytes;
    if (!hasDigit && !isPartOfId) {
      to_ += text_.substr(begin, at_ - begin);
      return;
    }
    if (followsNumber) {
      to_.pop_back();
    } else {
      to_ += '#';
    }
  }

  void takeAddress(std::size_t begin) {
    ++at_;
    while (at_ < text_.size() && (isWordPart(text_[at_]) || text_[at_] == '.' || text_[at_] == '-')) ++at_;
    while (at_ > begin && text_[at_ - 1] == '.') --at_;
    to_ += '@';
  }

  static bool isJoint(char c) { return c == '.' || c == ',' || c == ':' || c == '-' || c == '/' || c == '+'; }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string to_;
};

}  // namespace

std::string errorPattern(std::string_view message) {
  return Pattern(cutAtCharacter(message, kErrorMessageRead)).make();
}

// This is FNV-1a of 64 bits. Errors that share a value by chance are shown as one group, and nothing worse.
std::string errorFingerprint(std::string_view errorCode, std::string_view pattern) {
  std::uint64_t hash = 14695981039346656037U;
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  };
  add(errorCode);
  add(std::string_view("\0", 1));
  add(pattern);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(hash >> static_cast<unsigned>(shift)) & 15U];
  return text;
}

std::string_view toString(ErrorGroupState state) {
  for (const auto& [one, word] : kErrorGroupWords) {
    if (one == state) return word;
  }
  return {};
}

std::optional<ErrorGroupState> parseErrorGroupState(std::string_view word) {
  for (const auto& [state, one] : kErrorGroupWords) {
    if (one == word) return state;
  }
  return std::nullopt;
}

}  // namespace taskqueue
