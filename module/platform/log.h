// Writes the log: JSON lines on standard error, which supervisord keeps. JSON escapes control bytes. Never
// log a secret or a task's data. Too long texts are cut. Only some lines with the same message are written in
// a minute (log_limiter.h), so anything that differs between lines belongs into a field. Any thread may call
// these functions.
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
