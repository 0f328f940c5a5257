#include "module/platform/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <ctime>

#include "module/json/writer.h"

namespace taskqueue::platform {
namespace {

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

const char* wordOf(Level level) {
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

}  // namespace

void nameProgramInLog(std::string_view program) {
  programName = program;
}

void log(Level level, std::string_view message, std::initializer_list<LogField> fields) {
  json::Writer line;
  line.startObject().member("time", utcNow()).member("level", wordOf(level)).member("program", programName);
  line.member("pid", static_cast<int>(::getpid())).member("message", message);
  for (const auto& [name, value] : fields) {
    line.key(name);
    std::visit([&](const auto& content) { line.value(content); }, value);
  }
  line.endObject();
  // External text may contain braces, so it must be an argument and never the format.
  logger().info("{}", line.text());
}

}  // namespace taskqueue::platform
