// Shows the API: its routes by group, with parameters, an example and answers.
#pragma once

#include "module/web/api.h"
#include "module/web/pages/page_frame.h"

namespace taskqueue::web {

class ApiPage {
 public:
  ApiPage(Api& api, const PageFrame& frame) : api_(api), frame_(frame) {}

  // With ?format=json it answers the document itself, for readers who have no API token.
  Answer show(const Request& request);

 private:
  Api& api_;
  const PageFrame& frame_;
};

}  // namespace taskqueue::web
