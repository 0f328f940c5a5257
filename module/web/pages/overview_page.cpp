#include "module/web/pages/overview_page.h"

namespace taskqueue::web {

Answer OverviewPage::show(const Request&) {
  return frame_.redirect("tasks");
}

}  // namespace taskqueue::web
