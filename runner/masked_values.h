// Values that a handler has asked to hide in all that its run tells: secrets that it reads at run time, of
// which no name of a member tells.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::runner {

inline constexpr std::size_t kMaxMaskedValues = 100;      // of one run
inline constexpr std::size_t kMaxMaskedBytes = 16 << 10;  // of one value
inline constexpr std::size_t kMinMaskedLineBytes = 4;     // of a value of several lines: "}" tells nothing

class MaskedValues {
 public:
  // From now on the value is hidden, also as JSON and URLs write it, and each line of it. An empty one hides
  // nothing. Returns why it cannot be hidden; nothing: it is.
  std::optional<std::string> add(std::string_view value);

  bool isEmpty() const { return spellings_.empty(); }

  // The text with kMask (module/json/masking.h) in the place of each value.
  std::string masked(std::string_view text) const;
  // JSON with all its strings, names and numbers masked. What is no JSON becomes one mask.
  std::string maskedJson(const std::string& json) const;

  // How many bytes at the text's end may belong to a value that goes on in what follows.
  std::size_t openEnd(std::string_view text) const;

 private:
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  // Where values stand; ranges that overlap are one. In order.
  std::vector<Range> found(std::string_view text) const;
  void addSpelling(std::string spelling);

  std::size_t given_ = 0;
  std::vector<std::string> spellings_;
};

// For what belongs to no run.
inline const MaskedValues kNothingMasked;

}  // namespace taskqueue::runner
