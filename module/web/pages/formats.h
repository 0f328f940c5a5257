// Times, lengths of time and sizes as the pages write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "module/queue/task.h"

namespace taskqueue::web {

std::string timeText(const std::optional<UnixSeconds>& time);
std::string durationText(const std::optional<std::int64_t>& milliseconds);
std::string bytesText(std::int64_t bytes);

}  // namespace taskqueue::web
