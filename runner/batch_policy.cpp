#include "runner/batch_policy.h"

#include <algorithm>

namespace taskqueue::runner {

void BatchPolicy::ended(const std::string& taskHandlerClass, Duration took, bool isSilent) {
  constexpr int kWeightOfPast = 7;  // in eighths
  State& state = states_[taskHandlerClass];
  const bool isFirst = state.average == Duration{};
  state.average = isFirst ? took : (state.average * kWeightOfPast + took) / (kWeightOfPast + 1);
  if (took >= kWork || !isSilent) {
    state.most = 1;
    state.inARow = 0;
  } else if (++state.inARow >= state.most) {
    state.most = std::min(state.most * 2, kMaxRuns);
    state.inARow = 0;
  }
}

bool BatchPolicy::mayHave(const std::string& taskHandlerClass, int count) const {
  const auto found = states_.find(taskHandlerClass);
  return found != states_.end() && count <= found->second.most;
}

BatchPolicy::Duration BatchPolicy::expected(const std::string& taskHandlerClass) const {
  const auto found = states_.find(taskHandlerClass);
  return found == states_.end() ? std::chrono::hours(1) : found->second.average;
}

}  // namespace taskqueue::runner
