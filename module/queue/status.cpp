#include "module/queue/status.h"

#include <array>
#include <utility>

namespace taskqueue {
namespace {

constexpr std::array<std::pair<RunStatus, std::string_view>, 6> kRunWords{{
    {RunStatus::Scheduled, "scheduled"},
    {RunStatus::Running, "running"},
    {RunStatus::Success, "success"},
    {RunStatus::Error, "error"},
    {RunStatus::Timeout, "timeout"},
    {RunStatus::Cancelled, "cancelled"},
}};

constexpr std::array<std::pair<RunnerStatus, std::string_view>, 3> kRunnerWords{{
    {RunnerStatus::Running, "running"},
    {RunnerStatus::Success, "success"},
    {RunnerStatus::Timeout, "timeout"},
}};

template <typename Table, typename Status>
std::string_view find(const Table& table, Status status) {
  for (const auto& [value, word] : table) {
    if (value == status) return word;
  }
  return {};
}

template <typename Status, typename Table>
std::optional<Status> findWord(const Table& table, std::string_view wanted) {
  for (const auto& [value, word] : table) {
    if (word == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view toString(RunStatus status) {
  return find(kRunWords, status);
}
std::string_view toString(RunnerStatus status) {
  return find(kRunnerWords, status);
}

std::optional<RunStatus> parseRunStatus(std::string_view word) {
  return findWord<RunStatus>(kRunWords, word);
}

std::optional<RunnerStatus> parseRunnerStatus(std::string_view word) {
  return findWord<RunnerStatus>(kRunnerWords, word);
}

bool isFailure(RunStatus status) {
  return status == RunStatus::Error || status == RunStatus::Timeout;
}

bool isOpen(RunStatus status) {
  return status == RunStatus::Scheduled || status == RunStatus::Running;
}

}  // namespace taskqueue
