#include "module/json/pattern.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <string>

namespace taskqueue::json {
namespace {

constexpr int kDeepestGroups = 20;
constexpr int kMaxRepetitions = 1000;  // each repetition copies the item, and nested repetitions multiply
constexpr std::string_view kEscapable = "^$|()?*+.[]{}\\/-fnrtv";

class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : rest_(pattern) {}

  bool readsAll() { return alternatives(0) && rest_.empty(); }

 private:
  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool alternatives(int depth) {
    if (depth > kDeepestGroups) return false;
    std::int64_t max = 1;
    do {
      if (!sequence(depth)) return false;
      max = std::max(max, copies_);
    } while (take('|'));
    copies_ = max;
    return true;
  }

  bool sequence(int depth) {
    int items = 0;
    std::int64_t max = 1;
    while (!rest_.empty() && rest_.front() != '|' && rest_.front() != ')') {
      if (take('^') || take('$')) {
        ++items;
        continue;
      }
      copies_ = 1;
      if (!item(depth) || !repetition() || copies_ > kMaxRepetitions) return false;
      max = std::max(max, copies_);
      ++items;
    }
    copies_ = max;
    return items > 0;
  }

  bool item(int depth) {
    if (take('(')) return alternatives(depth + 1) && take(')');
    if (take('[')) return characterClass();
    if (take('\\')) return escaped();
    if (std::string_view("*+?{}]").find(rest_.front()) != std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool escaped() {
    if (rest_.empty() || kEscapable.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // Reads the rest of a class after its '['. A range must go from the lower to the higher character.
  bool characterClass() {
    take('^');
    char last = '\0';
    for (bool first = true; !rest_.empty(); first = false) {
      if (take(']')) return !first;
      if (rest_.front() == '[') return false;
      const bool isRange = rest_.size() > 1 && rest_.front() == '-' && rest_[1] != ']' && !first;
      if (isRange) rest_.remove_prefix(1);
      if (take('\\') && rest_.empty()) return false;
      const char now = rest_.front();
      if (isRange && (now < last || static_cast<unsigned char>(now) >= 0x80)) return false;
      rest_.remove_prefix(1);
      last = now;
    }
    return false;
  }

  bool repetition() {
    if (take('*') || take('+') || take('?')) return !isRepetition();
    if (!take('{')) return true;
    const auto min = number();
    if (min < 0) return false;
    int max = min;
    if (take(',') && !rest_.starts_with('}')) max = number();
    copies_ *= std::max(max, 1);
    return max >= min && max > 0 && take('}') && !isRepetition();
  }

  bool isRepetition() const {
    return !rest_.empty() && std::string_view("*+?{").find(rest_.front()) != std::string_view::npos;
  }

  int number() {
    int value = -1;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (error != std::errc() || value < 0) return -1;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  std::string_view rest_;
  std::int64_t copies_ = 1;  // copies that the engine makes of the innermost item read last
};

}  // namespace

bool isUsablePattern(std::string_view pattern) {
  return PatternReader(pattern).readsAll();
}

}  // namespace taskqueue::json
