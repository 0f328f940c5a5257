#include "module/platform/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <ctime>
#include <mutex>
#include <vector>

#include "module/json/writer.h"
#include "module/platform/log_limiter.h"
#include "module/platform/own_process.h"
#include "module/queue/utf8_text.h"

namespace taskqueue::platform {
namespace {

constexpr std::size_t kMaxTextBytes = 2000;  // of a message, and of each field

std::string programName = "taskqueue";

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made =
        std::make_shared<spdlog::logger>("taskqueue", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *instance;
}

std::string utcNow() {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[40];
  const auto millis =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + size, sizeof text - size, ".%03dZ", static_cast<int>(millis));
  return text;
}

const char* toString(Level level) {
  switch (level) {
    case Level::Info:
      return "info";
    case Level::Warning:
      return "warning";
    case Level::Error:
      return "error";
  }
  return "";
}

std::string lineOf(Level level, std::string_view message, std::initializer_list<LogField> fields,
                   bool isLast) {
  json::Writer line;
  line.startObject().member("time", utcNow()).member("level", toString(level)).member("program", programName);
  line.member("pid", ownProcessId()).member("message", cutAtCharacter(message, kMaxTextBytes));
  for (const auto& [name, value] : fields) {
    line.key(name);
    if (const auto* text = std::get_if<std::string>(&value)) {
      line.value(cutAtCharacter(*text, kMaxTextBytes));
    } else {
      line.value(std::get<std::int64_t>(value));
    }
  }
  if (isLast) line.member("further_lines_are_counted_seconds", LogLimiter::kPeriod.count());
  return line.endObject().text();
}

// Text may come from outside and hold braces: it is an argument, never a format.
void writeLines(const std::string& lines) {
  logger().info("{}", lines);
}

}  // namespace

void nameProgramInLog(std::string_view program) {
  programName = program;
}

void log(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  static std::mutex mutex;
  static LogLimiter limiter;  // guarded by mutex
  auto verdict = LogLimiter::Verdict::Write;
  std::vector<LogLimiter::LeftOut> leftOut;
  {
    const auto now = LogLimiter::Clock::now();
    const std::lock_guard lock(mutex);
    leftOut = limiter.takeLeftOut(now);
    verdict = limiter.look(message, now);
  }
  for (const auto& [of, lines] : leftOut) {
    writeLines(
        lineOf(Level::Warning, "lines were left out of the log", {{"of", of}, {"lines", lines}}, false));
  }
  if (verdict == LogLimiter::Verdict::Count) return;
  writeLines(lineOf(level, message, fields, verdict == LogLimiter::Verdict::WriteAsLast));
}

void LogBatch::add(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  constexpr std::size_t kMostBytes = 32 << 10;
  if (!lines_.empty()) lines_ += '\n';
  lines_ += lineOf(level, message, fields, false);
  if (lines_.size() >= kMostBytes) write();
}

void LogBatch::write() {
  if (lines_.empty()) return;
  writeLines(lines_);
  lines_.clear();  // keeps its memory: to allocate it anew costs more than the lines
}

}  // namespace taskqueue::platform
