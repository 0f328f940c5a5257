// Says which ends of a task send a notification.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "module/queue/status.h"

namespace taskqueue {

enum class NotifyOn {
  Never,
  Success,
  // Every other end: the task failed without a further retry, was cancelled, or was superseded by a newer
  // task
  Failure,
  Both,
};

inline constexpr std::array kAllNotifyOn{NotifyOn::Never, NotifyOn::Success, NotifyOn::Failure,
                                         NotifyOn::Both};

std::string_view toString(NotifyOn on);  // never, success, failure, both
std::optional<NotifyOn> parseNotifyOn(std::string_view word);

bool isNotified(NotifyOn on, RunStatus finalStatus);

}  // namespace taskqueue
