// One output stream of a run: cleaned, masked, and kept within bounds by leaving out its middle.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "module/queue/run.h"
#include "runner/masked_values.h"
#include "runner/text_cleaner.h"

namespace taskqueue::runner {

struct StreamLimits {
  std::int64_t headBytes = 256 << 10;
  std::int64_t tailBytes = 768 << 10;
};

class CapturedStream {
 public:
  // `masked` must outlive the stream; what it gets later holds for what is appended later.
  explicit CapturedStream(StreamLimits limits, const MaskedValues& masked = kNothingMasked)
      : limits_(limits), masked_(masked) {}

  void append(std::string_view raw);

  // The end of the stream. Nothing may be appended after it.
  CapturedText finish();

  // Updates for the live view since the last call; nothing when there is none. `position` counts cleaned
  // bytes; what lies in [dropFrom, dropTo) will not be kept.
  struct LiveUpdate {
    std::int64_t position = 0;
    std::string content;
    std::int64_t dropFrom = 0;
    std::int64_t dropTo = 0;
  };
  std::optional<LiveUpdate> takeUpdate();

  bool hadUpdates() const { return reported_ > 0; }

 private:
  void keep(std::string_view text);
  std::int64_t tailStart() const { return total_ - static_cast<std::int64_t>(tail_.size()); }
  void shortenTail();

  StreamLimits limits_;
  const MaskedValues& masked_;
  std::string held_;  // may be the beginning of a value that is masked
  TextCleaner cleaner_;
  std::string head_;
  std::string tail_;  // up to twice its limit, so that it is shortened rarely
  std::int64_t total_ = 0;
  std::int64_t reported_ = 0;
};

}  // namespace taskqueue::runner
