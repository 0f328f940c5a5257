#include "module/platform/configuration_sections.h"

#include <array>
#include <fstream>
#include <sstream>

#include "module/json/task_data.h"
#include "module/platform/setting_kinds.h"
#include "module/queue/whole_number.h"

namespace taskqueue::platform {
namespace {

std::string contentOf(SettingsFile& file, const std::string& key, const std::string& path) {
  std::ifstream in(path);
  if (!in) file.refuse(key, "cannot be read: " + path);
  std::ostringstream content;
  content << in.rdbuf();
  return content.str();
}

constexpr std::array<std::string_view, 20> kHandlerSettings{"command",
                                                            "data_schema_file",
                                                            "retry_after_seconds",
                                                            "environment",
                                                            "memory_bytes",
                                                            "cpu_seconds",
                                                            "file_bytes",
                                                            "processes",
                                                            "user",
                                                            "time_limit_seconds",
                                                            "max_retries",
                                                            "retry_delay_seconds",
                                                            "retry_delay_limit_seconds",
                                                            "retry_delays",
                                                            "unique_seconds",
                                                            "on_crash",
                                                            "queue",
                                                            "priority",
                                                            "max_running",
                                                            "max_running_per_key"};

std::vector<int> retryDelays(SettingsFile& file, const std::string& key) {
  std::vector<int> delays;
  bool fits = true;
  for (const std::string& word : file.words(key, {})) {
    const auto seconds = wholeNumber(word, 0, kMaxHandlerSeconds);
    fits = fits && seconds;
    if (fits) delays.push_back(static_cast<int>(*seconds));
  }
  if (!fits || delays.size() > kMaxRetryDelays) {
    file.refuse(key, "must be at most " + std::to_string(kMaxRetryDelays) + " whole numbers from 0 to " +
                         std::to_string(kMaxHandlerSeconds));
  }
  return delays;
}

HandlerSettings handlerSettings(SettingsFile& file, const std::string& section) {
  constexpr QueueLimits kLimits;
  const auto number = [&](const char* name, std::int64_t min, std::int64_t max) -> std::optional<int> {
    const std::string key = section + "." + name;
    if (file.text(key, "").empty()) return std::nullopt;
    return static_cast<int>(file.number(key, 0, min, max));
  };
  HandlerSettings to;
  to.timeLimitSeconds = number("time_limit_seconds", 0, kMaxHandlerSeconds).value_or(0);
  to.maxRetries = number("max_retries", 1, kLimits.maxRetries).value_or(0);
  to.retryDelaySeconds = number("retry_delay_seconds", 0, kMaxHandlerSeconds);
  to.retryDelayLimitSeconds = number("retry_delay_limit_seconds", 0, kMaxHandlerSeconds);
  to.retryDelays = retryDelays(file, section + ".retry_delays");
  to.uniqueSeconds = number("unique_seconds", 0, kLimits.uniqueSeconds).value_or(0);
  to.priority = number("priority", 0, kLimits.priorityLast);
  to.maxRunning = number("max_running", 0, kMaxRunningAtOnce).value_or(0);
  to.maxRunningPerKey = number("max_running_per_key", 0, kMaxRunningAtOnce).value_or(0);
  to.queue = file.text(section + ".queue", "");
  if (!to.queue.empty() && !isQueueName(to.queue))
    file.refuse(section + ".queue", std::string(kQueueNameRule));
  const auto onCrash = parseOnCrash(file.text(section + ".on_crash", std::string(toString(OnCrash::Retry))));
  if (!onCrash) file.refuse(section + ".on_crash", "must be retry or fail");
  to.onCrash = onCrash.value_or(OnCrash::Retry);
  return to;
}

std::vector<std::string> environment(SettingsFile& file, const std::string& key) {
  auto list = file.words(key, {});
  for (const std::string& entry : list) {
    const auto equals = entry.find('=');
    const bool isOurs = entry.starts_with("TASKQUEUE_") || entry.starts_with("LD_");
    if (equals == std::string::npos || equals == 0 || isOurs) {
      file.refuse(key, "must be words NAME=value; names beginning with TASKQUEUE_ or LD_ cannot be set");
    }
  }
  return list;
}

ProcessLimits processLimits(SettingsFile& file, const std::string& section) {
  ProcessLimits to;
  to.memoryBytes = file.number(section + ".memory_bytes", 0, 0, INT64_MAX);
  to.cpuSeconds = file.number(section + ".cpu_seconds", 0, 0, kMaxSeconds);
  to.fileBytes = file.number(section + ".file_bytes", 0, 0, INT64_MAX);
  to.processes = file.number(section + ".processes", 0, 0, 1000000);
  return to;
}

std::vector<std::string> programOf(SettingsFile& file, const std::string& key) {
  auto command = file.words(key, {});
  if (command.empty() || !command.front().starts_with('/')) {
    file.refuse(key, "must be the absolute path of a program, then its arguments");
  }
  return command;
}

}  // namespace

std::vector<WorkerPoolConfig> readWorkerPools(SettingsFile& file) {
  constexpr std::array<std::string_view, 1> kHostSettings{"command"};
  constexpr std::size_t kLongestName = 20;
  std::vector<WorkerPoolConfig> list;
  for (const std::string& name : file.sectionsOf("worker")) {
    const std::string section = "worker." + name;
    if (name == "cpp" || name == "command" || name == "plugin" || name.size() > kLongestName) {
      file.refuse(
          section,
          "must have another name, of at most 20 bytes; cpp, command and plugin have their own meaning");
    }
    refuseOthers(file, section, kHostSettings);
    list.push_back({name, name, programOf(file, section + ".command")});
  }
  return list;
}

std::vector<CommandHandler> readCommands(SettingsFile& file) {
  std::vector<CommandHandler> list;
  for (const std::string& name : file.sectionsOf("handler")) {
    const std::string section = "handler." + name;
    if (!isHandlerClass(name)) file.refuse(section, "the name " + std::string(kHandlerClassRule));
    CommandHandler handler;
    handler.taskHandlerClass = name;
    refuseOthers(file, section, kHandlerSettings);
    handler.command = programOf(file, section + ".command");
    handler.retryAfter = secondsOf(file, section + ".retry_after_seconds", handler.retryAfter, 0);
    handler.environment = environment(file, section + ".environment");
    handler.limits = processLimits(file, section);
    handler.owner = ownerOf(file, section + ".user");
    handler.settings = handlerSettings(file, section);
    if (const std::string path = absolutePath(file, section + ".data_schema_file"); !path.empty()) {
      handler.dataSchema = contentOf(file, section + ".data_schema_file", path);
      if (const auto problem = json::findSchemaProblem(handler.dataSchema)) {
        file.refuse(section + ".data_schema_file", "is not a JSON Schema: " + *problem);
      }
    }
    list.push_back(std::move(handler));
  }
  return list;
}

}  // namespace taskqueue::platform
