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

// Collects lines that each count, without the limit above, and writes them together: a write for each would
// cost more than the line. One thread uses an object.
class LogBatch {
 public:
  LogBatch() = default;
  LogBatch(const LogBatch&) = delete;
  LogBatch& operator=(const LogBatch&) = delete;
  ~LogBatch() { write(); }

  // Writes the batch when it has grown long.
  void add(Level level, std::string_view message, std::initializer_list<LogField> fields);
  void write();

 private:
  std::string lines_;
};

// Sets the member "program" of every later line. Call it once, before other threads start.
void nameProgramInLog(std::string_view program);

}  // namespace taskqueue::platform
