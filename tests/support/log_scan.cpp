#include "tests/support/log_scan.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>

#include "module/json/read.h"

namespace taskqueue::test_support {
namespace {

constexpr json::Limits kLineLimits{.bytes = 1 << 20, .depth = 10, .members = 1000};

bool isOurs(const std::string& file) {
  return file.starts_with("taskqueue-fcgi") || file.starts_with("task-runner");
}

// Tells whether the line reports an error.
bool isError(const std::string& file, const std::string& line) {
  if (isOurs(file)) {
    const auto parsed = json::read(line, kLineLimits);
    const auto* entry = std::get_if<json::Document>(&parsed);
    return entry == nullptr || !entry->IsObject() || json::textMember(*entry, "level") == "error";
  }
  if (file.starts_with("nginx"))
    return std::regex_search(line, std::regex(R"(\[(error|crit|alert|emerg)\])"));
  return file.starts_with("database") && line.find("[ERROR]") != std::string::npos;
}

// Returns the run and the process of a refused write.
std::optional<std::string> refusedWrite(const std::string& line) {
  if (line.find("no longer ours") == std::string::npos) return std::nullopt;
  const auto parsed = json::read(line, kLineLimits);
  const auto* entry = std::get_if<json::Document>(&parsed);
  if (entry == nullptr || !entry->IsObject()) return std::nullopt;
  return std::string(json::textMember(*entry, "message").value_or("")) + " " +
         std::to_string(json::integerMember(*entry, "TaskRunId").value_or(0)) + " pid " +
         std::to_string(json::integerMember(*entry, "pid").value_or(0));
}

}  // namespace

LogScan::LogScan(std::string directory) : directory_(std::move(directory)) {
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    if (entry.is_regular_file()) sizes_[entry.path().filename()] = entry.file_size();
  }
}

bool LogScan::isExpected(const std::string& line) const {
  return std::any_of(expected_.begin(), expected_.end(),
                     [&](const std::regex& pattern) { return std::regex_search(line, pattern); });
}

std::vector<std::string> LogScan::unexpected() const {
  std::vector<std::string> found;
  std::map<std::string, int> refused;
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    const std::string file = entry.path().filename();
    if (!entry.is_regular_file() || entry.path().extension() != ".log") continue;
    std::ifstream text(entry.path());
    const auto start = sizes_.find(file);
    if (start != sizes_.end()) text.seekg(static_cast<std::streamoff>(start->second));
    for (std::string line; std::getline(text, line);) {
      if (isError(file, line) && !isExpected(line)) found.push_back(file + ": " + line);
      if (const auto write = refusedWrite(line)) ++refused[*write];
    }
  }
  for (const auto& [write, times] : refused) {
    if (times > 1)
      found.push_back("I10 a refused write was logged " + std::to_string(times) + " times: " + write);
  }
  return found;
}

}  // namespace taskqueue::test_support
