#include "module/web/pages/schedules_page.h"

namespace taskqueue::web {

Answer SchedulesPage::show(const Request& request) {
  return frame_.page(request, "schedules", frame_.texts(request).text("Schedules"), {});
}

}  // namespace taskqueue::web
