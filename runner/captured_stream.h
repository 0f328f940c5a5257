// One output stream of a run. Its text is cleaned and masked; if it is too long, its middle is dropped.
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
  // `masked` must outlive the stream. A value that is added later is masked in text that is appended later.
  explicit CapturedStream(StreamLimits limits, const MaskedValues& masked = kNothingMasked)
      : limits_(limits), masked_(masked) {}

  void append(std::string_view raw);

  // Ends the stream and returns its text. Append nothing afterwards.
  CapturedText finish();

  // Returns text that is new since the last call, if any. `position` counts cleaned bytes. The final text
  // will not contain the bytes in [dropFrom, dropTo).
  struct LiveUpdate {
    std::int64_t position = 0;
    std::string content;
    std::int64_t dropFrom = 0;
    std::int64_t dropTo = 0;
  };
  std::optional<LiveUpdate> takeUpdate();

  bool isEmpty() const { return total_ == 0 && held_.empty(); }
  bool hadUpdates() const { return reported_ > 0; }

 private:
  void keep(std::string_view text);
  std::int64_t tailStart() const { return total_ - static_cast<std::int64_t>(tail_.size()); }
  void shortenTail();

  StreamLimits limits_;
  const MaskedValues& masked_;
  std::string held_;  // text that may be the beginning of a masked value
  TextCleaner cleaner_;
  std::string head_;
  std::string tail_;  // grows to twice its limit, so that it is rarely shortened
  std::int64_t total_ = 0;
  std::int64_t reported_ = 0;
};

}  // namespace taskqueue::runner
