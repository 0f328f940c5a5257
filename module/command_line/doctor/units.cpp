// Checks that supervisord and systemd wait long enough for a runner that drains.
#include <charconv>
#include <filesystem>
#include <map>
#include <sstream>

#include "module/command_line/doctor/checks.h"
#include "module/command_line/doctor/text_files.h"

namespace taskqueue::command_line::doctor {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnit = "task-runner@.service";
constexpr std::int64_t kSupervisorDefault = 10;  // s, stopwaitsecs
constexpr std::int64_t kSystemdDefault = 90;     // s, TimeoutStopSec

// Returns the value of the last line `name=…` within the section, or nothing.
std::optional<std::string> valueIn(const std::string& text, const std::string& section,
                                   const std::string& name) {
  std::istringstream lines(text);
  std::optional<std::string> value;
  bool isIn = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('[')) isIn = line.starts_with(section);
    if (isIn && line.starts_with(name + "=")) value = line.substr(name.size() + 1);
  }
  return value;
}

// Reads a time span of systemd or supervisord. Returns nothing if this program cannot read it.
std::optional<std::int64_t> secondsOf(const std::string& text) {
  static const std::map<std::string, std::int64_t> kUnits{{"", 1},     {"s", 1},  {"sec", 1},
                                                          {"min", 60}, {"m", 60}, {"h", 3600}};
  std::istringstream words(text);
  std::int64_t sum = 0;
  for (std::string word; words >> word;) {
    std::int64_t number = 0;
    const char* const end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, number);
    const auto unit = kUnits.find(std::string(read.ptr, end));
    if (read.ec != std::errc() || unit == kUnits.end()) return std::nullopt;
    sum += number * unit->second;
  }
  return sum;
}

struct StopTime {
  std::string path;
  std::string setting;
  std::string value;  // empty: the default
  std::int64_t ofDefault = 0;
  std::string reload;  // the command that makes the change known
};

// A later directory does not count if an earlier one has the unit, as systemd does.
std::optional<StopTime> findUnit(const std::string& configuration) {
  const fs::path beside = fs::path(configuration).parent_path();
  for (const fs::path& directory : {beside, fs::path("/etc/systemd/system"), fs::path("/run/systemd/system"),
                                    fs::path("/usr/lib/systemd/system"), fs::path("/lib/systemd/system")}) {
    const fs::path path = directory / kUnit;
    const std::string text = contentOf(path);
    if (text.find(configuration) == std::string::npos) continue;
    StopTime found{path.string(), "TimeoutStopSec", valueIn(text, "[Service]", "TimeoutStopSec").value_or(""),
                   kSystemdDefault, "systemctl daemon-reload"};
    for (const fs::path& extra : filesIn(directory / (std::string(kUnit) + ".d"), ".conf")) {
      const auto value = valueIn(contentOf(extra), "[Service]", "TimeoutStopSec");
      if (!value) continue;
      found.path = extra.string();
      found.value = *value;
    }
    return found;
  }
  return std::nullopt;
}

std::optional<StopTime> findProgram(const std::string& configuration) {
  const std::string section = "[program:task-runner";
  const fs::path beside = fs::path(configuration).parent_path();
  for (const fs::path& directory : {beside, beside / "supervisord.d", fs::path("/etc/supervisor/conf.d")}) {
    for (const fs::path& path : filesIn(directory, ".conf")) {
      const std::string text = contentOf(path);
      if (valueIn(text, section, "command").value_or("").find(configuration) == std::string::npos) continue;
      return StopTime{path.string(), "stopwaitsecs", valueIn(text, section, "stopwaitsecs").value_or(""),
                      kSupervisorDefault, "supervisorctl update"};
    }
  }
  return std::nullopt;
}

void judge(const StopTime& time, const platform::RunnerConfiguration& runner, Findings& found) {
  if (time.value == "infinity") return;
  const auto seconds = time.value.empty() ? time.ofDefault : secondsOf(time.value);
  if (!seconds) {
    found.push_back({.state = State::NotChecked,
                     .text = "this program cannot read " + time.setting + "=" + time.value,
                     .place = time.path});
    return;
  }
  const std::int64_t needed = runner.stopLimit().count();
  if (*seconds >= needed) return;
  found.push_back(
      {.state = State::Warning,
       .text = time.setting + " is " + std::to_string(*seconds) +
               ", so a stop kills runs that drain for up to " +
               std::to_string((runner.drainLimit + runner.killGrace).count()) + " s",
       .place = time.path,
       .mend = "set " + time.setting + "=" + std::to_string(needed) + " there, then: " + time.reload});
}

}  // namespace

Findings checkStopTimes(const Site& site) {
  const platform::Configuration& from = site.configuration;
  const std::string path = fs::absolute(from.path).string();
  const auto unit = findUnit(path);
  const auto program = findProgram(path);
  Findings found;
  if (unit) judge(*unit, from.runner, found);
  if (program) judge(*program, from.runner, found);
  if (!unit && !program) {
    found.push_back({.state = State::NotChecked,
                     .text = "no unit of systemd and no program of supervisord names this configuration",
                     .place = path});
  }
  return found;
}

}  // namespace taskqueue::command_line::doctor
