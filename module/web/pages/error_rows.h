// Shows groups of errors on the pages Errors and Overview, and on the page of a handler.
#pragma once

#include <kainjow/mustache.hpp>
#include <vector>

#include "module/queue/store/error_store.h"
#include "module/texts/texts.h"
#include "module/web/pages/spans.h"

namespace taskqueue::web {

// The tasks of a group are counted among so many of the newest failed and lost ones.
inline constexpr int kErrorTasksCounted = 10000;

class ErrorRows {
 public:
  ErrorRows(ErrorStore& errors, UnixSeconds now, const LongSpan& span, const Texts& say)
      : errors_(errors), now_(now), span_(span), say_(say) {}

  // Returns the values for error_groups.html, a list.
  kainjow::mustache::data of(const std::vector<ErrorGroup>& groups);

 private:
  kainjow::mustache::data rowOf(const ErrorGroup& group, const ErrorGroupTasks& tasks,
                                const std::vector<ErrorPart>& parts) const;

  ErrorStore& errors_;
  UnixSeconds now_;
  const LongSpan& span_;
  const Texts& say_;
};

}  // namespace taskqueue::web
