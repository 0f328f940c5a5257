// Shows what fails: failed runs grouped by handler and error.
#pragma once

#include "module/queue/store/database_clock.h"
#include "module/queue/store/error_store.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class ErrorsPage {
 public:
  ErrorsPage(ErrorStore& errors, DatabaseClock& clock, const PageFrame& frame)
      : errors_(errors), clock_(clock), frame_(frame) {}

  Answer show(const Request& request);
  // Handles the form with the field `state`, and answers 303 to the page.
  Answer mark(const Request& request);

 private:
  ErrorStore& errors_;
  DatabaseClock& clock_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
