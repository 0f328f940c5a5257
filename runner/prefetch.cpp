#include "runner/prefetch.h"

#include <algorithm>

namespace taskqueue::runner {
namespace {

constexpr int kWeightOfPast = 7;  // of eight

}  // namespace

void Prefetch::runTook(Duration took) {
  // A single short run after long ones says little, a long one after short ones says much.
  average_ = average_ == kUnknown ? took : (average_ * kWeightOfPast + took) / (kWeightOfPast + 1);
}

int Prefetch::runsBeyond(int slots) const {
  const auto each = std::max<Duration>(average_, std::chrono::microseconds(1));
  return static_cast<int>(std::min<std::int64_t>(kWork * slots / each, kMaxRuns));
}

}  // namespace taskqueue::runner
