// Values that a handler has asked to mask in everything that its run reports. They are secrets that it reads
// at run time, so no member name marks them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace taskqueue::runner {

inline constexpr std::size_t kMaxMaskedValues = 100;      // per run
inline constexpr std::size_t kMaxMaskedBytes = 16 << 10;  // per value
// A shorter line of a multi-line value is not masked: "}" reveals nothing.
inline constexpr std::size_t kMinMaskedLineBytes = 4;

class MaskedValues {
 public:
  // Masks each line of the value from now on, also as JSON and URLs spell it. An empty value masks nothing.
  // Returns a problem if the value cannot be masked.
  std::optional<std::string> add(std::string_view value);

  bool isEmpty() const { return spellings_.empty(); }

  // Returns the text with each value replaced by kMask (module/json/masking.h).
  std::string masked(std::string_view text) const;
  // Returns the JSON with all strings, names and numbers masked. Text that is not JSON becomes one mask.
  std::string maskedJson(const std::string& json) const;

  // Returns how many bytes at the text's end may belong to a value that continues in the next text.
  std::size_t openEnd(std::string_view text) const;

 private:
  struct Range {
    std::size_t begin;
    std::size_t end;
  };
  // Returns the places of all values in order; overlapping places are merged.
  std::vector<Range> found(std::string_view text) const;
  void addSpelling(std::string spelling);

  std::size_t given_ = 0;
  std::vector<std::string> spellings_;
};

// For streams that belong to no run.
inline const MaskedValues kNothingMasked;

}  // namespace taskqueue::runner
