#include "module/queue/notify_on.h"

namespace taskqueue {

std::string_view toString(NotifyOn on) {
  switch (on) {
    case NotifyOn::Never:
      return "never";
    case NotifyOn::Success:
      return "success";
    case NotifyOn::Failure:
      return "failure";
    case NotifyOn::Both:
      return "both";
  }
  return "";
}

std::optional<NotifyOn> parseNotifyOn(std::string_view word) {
  for (const NotifyOn on : {NotifyOn::Never, NotifyOn::Success, NotifyOn::Failure, NotifyOn::Both}) {
    if (word == toString(on)) return on;
  }
  return std::nullopt;
}

bool isNotified(NotifyOn on, RunStatus finalStatus) {
  switch (on) {
    case NotifyOn::Never:
      return false;
    case NotifyOn::Success:
      return finalStatus == RunStatus::Success;
    case NotifyOn::Failure:
      return finalStatus != RunStatus::Success;
    case NotifyOn::Both:
      return true;
  }
  return false;
}

}  // namespace taskqueue
