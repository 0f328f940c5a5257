// Corrects priorities that do not exist. Another program may insert such rows, and an editor may restore
// them. They get the nearest priority before a claim looks, so that a claim knows only ten priorities.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "module/store/store_context.h"

namespace taskqueue::store {

class PriorityCorrector {
 public:
  explicit PriorityCorrector(StoreContext& context) : context_(context), connection_(context.connection) {}

  // Gives rows of these queues whose priority is not 0 to 9 the nearest one, a bounded number at a time, and
  // audits it. Returns true when more are left to be corrected soon.
  bool correct(std::span<const std::string> queues);

 private:
  bool correctQueue(const std::string& queue);

  StoreContext& context_;
  Connection& connection_;
  std::chrono::steady_clock::time_point nextCorrection_{};
};

}  // namespace taskqueue::store
