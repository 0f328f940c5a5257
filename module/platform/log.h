// The log: JSON lines on standard error, which supervisord keeps. Control bytes are escaped by JSON. Never
// give it a secret or a task's data. A text that is too long is cut, and of lines with the same message only
// some are written in a minute (log_limiter.h): what differs from line to line belongs into a field. Safe
// from any thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace taskqueue::platform {

enum class Level { Info, Warning, Error };

using LogValue = std::variant<std::int64_t, std::string>;
using LogField = std::pair<std::string_view, LogValue>;

void log(Level level, std::string_view message, std::initializer_list<LogField> fields = {});

// Sets the member "program" of every later line. Call it once, before other threads start.
void nameProgramInLog(std::string_view program);

}  // namespace taskqueue::platform
