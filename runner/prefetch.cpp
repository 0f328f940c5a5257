#include "runner/prefetch.h"

#include <algorithm>

namespace taskqueue::runner {
namespace {

constexpr int kWeightOfPast = 7;  // weight of the old average, in eighths

}  // namespace

void Prefetch::runTook(Duration took) {
  // One short run after long ones changes the average little; one long run after short ones changes it much.
  average_ = average_ == kUnknown ? took : (average_ * kWeightOfPast + took) / (kWeightOfPast + 1);
}

int Prefetch::runsBeyond(int slots) const {
  const auto each = std::max<Duration>(average_, std::chrono::microseconds(1));
  return static_cast<int>(std::min<std::int64_t>(kWork * slots / each, kMaxRuns));
}

}  // namespace taskqueue::runner
