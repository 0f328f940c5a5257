// Writes the log as JSON lines on standard error, which supervisord stores. JSON escapes control bytes. Never
// log a secret or a task's data. Any thread may log.
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
