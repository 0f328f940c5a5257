#include "module/web/pages/notify_target.h"

namespace taskqueue::web {

std::string shownTarget(const std::optional<std::string>& notifyTo, int queuedById, const Texts& say) {
  if (!notifyTo) return say.text("user %1", {std::to_string(queuedById)});
  const auto host = notifyTo->find("://");
  if (host == std::string::npos) return *notifyTo;
  const auto end = notifyTo->find_first_of("/?#", host + 3);
  return end == std::string::npos ? *notifyTo : notifyTo->substr(0, end) + "/…";
}

}  // namespace taskqueue::web
