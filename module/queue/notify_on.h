// Of which end of a task somebody wants to be told.
#pragma once

#include <optional>
#include <string_view>

#include "module/queue/status.h"

namespace taskqueue {

enum class NotifyOn {
  Never,
  Success,
  Failure,  // every other end: it failed for good, or was cancelled, or gave way to a newer task
  Both,
};

std::string_view wordOf(NotifyOn on);  // never, success, failure, both
std::optional<NotifyOn> notifyOnOf(std::string_view word);

bool isTold(NotifyOn on, RunStatus finalStatus);

}  // namespace taskqueue
